"""Registering a client by hand, with given values: what `sandbox client create` does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.access.client import Client, find_client, hash_secret
from sandbox.access.scopes import SCOPES, parse_scope, write_scope
from sandbox.foundation.database import transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import touch
from sandbox.resources.audit_events.service import record

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class InvalidRegistration(ValueError):
    """The values do not make a client; the message names which."""


def create(
    *, client_id: str, auth_method: str, grant_types: tuple[str, ...], scope: str, **given: Any
) -> dict[str, Any]:
    """Register a client; tells its values, with the secret in clear this once. Raises InvalidRegistration."""
    redirect_uris, secret = list(given.get("redirect_uris") or ()), given.get("secret")
    _check(client_id, auth_method, grant_types, scope, redirect_uris, secret)
    if auth_method != "none" and secret is None:
        secret = new_secret()
    name: str = given.get("name") or client_id
    values: dict[str, Any] = {
        "name": name,
        "auth_method": auth_method,
        "grant_types": list(dict.fromkeys(grant_types)),
        "redirect_uris": redirect_uris,
        "scope": write_scope(parse_scope(scope)),
    }
    with transaction() as session:
        session.add(Client(id=client_id, secret_hash=hash_secret(secret) if secret else None, **values))
        touch()
        record("oauth.client.registered", targets=[("client", client_id, name)])
    return {"client_id": client_id, **({"client_secret": secret} if secret else {}), **values}


def _check(
    client_id: str,
    auth_method: str,
    grant_types: tuple[str, ...],
    scope: str,
    redirect_uris: list[str],
    secret: str | None,
) -> None:
    if find_client(client_id) is not None:
        raise InvalidRegistration(f"There is a client {client_id!r} already.")
    if unknown := sorted(parse_scope(scope) - SCOPES.keys()):
        raise InvalidRegistration(f"--scope names {', '.join(unknown)}, which is no scope of this API.")
    if auth_method == "none" and secret is not None:
        raise InvalidRegistration("--secret does not go with --auth-method none.")
    if auth_method == "none" and "client_credentials" in grant_types:
        raise InvalidRegistration("A public client cannot use client_credentials (RFC 6749 §4.4).")
    if ("authorization_code" in grant_types) != bool(redirect_uris):
        raise InvalidRegistration("--redirect-uri goes with --grant-type authorization_code, and only with it.")
    for uri in redirect_uris:
        _check_redirect(uri)


def _check_redirect(uri: str) -> None:
    """Allow https anywhere and http on loopback, without fragment, userinfo or wildcard (RFC 9700 §4.1)."""
    parts = urlsplit(uri)
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    if (
        not (parts.scheme == "https" or loopback)
        or not parts.hostname
        or parts.fragment
        or parts.username
        or "*" in uri
    ):
        raise InvalidRegistration(
            f"--redirect-uri {uri} is neither https nor http on loopback, or has a part it may not have."
        )
