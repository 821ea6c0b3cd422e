"""Registering clients by hand, with given values, and describing them: what `sandbox client` does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from sandbox.access.client import Client, find_client, hash_secret
from sandbox.access.scopes import SCOPES, parse_scope, write_scope
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import touch
from sandbox.oauth.client_keys import keys_at
from sandbox.resources.audit_events.service import record

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_ISSUER = 300
KEYLESS = frozenset({"none", "private_key_jwt"})
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class InvalidRegistration(ValueError):
    """The values do not make a client; the message names which."""


def create(
    *, client_id: str, auth_method: str, grant_types: tuple[str, ...], scope: str, **given: Any
) -> dict[str, Any]:
    """Register a client; tells its values, with the secret in clear this once. Raises InvalidRegistration."""
    redirect_uris, secret = list(given.get("redirect_uris") or ()), given.get("secret")
    jwks, jwks_uri = given.get("jwks"), given.get("jwks_uri")
    _check(client_id, auth_method, grant_types, scope, redirect_uris, secret)
    _check_keys(auth_method, jwks, jwks_uri)
    if auth_method not in KEYLESS and secret is None:
        secret = new_secret()
    name: str = given.get("name") or client_id
    values: dict[str, Any] = {
        "name": name,
        "auth_method": auth_method,
        "grant_types": list(dict.fromkeys(grant_types)),
        "redirect_uris": redirect_uris,
        "scope": write_scope(parse_scope(scope)),
        **({"jwks": jwks} if jwks is not None else {}),
        **({"jwks_uri": jwks_uri} if jwks_uri is not None else {}),
    }
    with transaction() as session:
        session.add(Client(id=client_id, secret_hash=hash_secret(secret) if secret else None, **values))
        touch()
        record("oauth.client.registered", targets=[("client", client_id, name)])
    return {"client_id": client_id, **({"client_secret": secret} if secret else {}), **values}


def describe(client: Client) -> dict[str, Any]:
    """Tell what is registered of a client; no secret, since only its hash is kept."""
    members = ("name", "auth_method", "grant_types", "redirect_uris", "scope", "jwks", "jwks_uri", "profile")
    described = {name: getattr(client, name) for name in members}
    return {"client_id": client.id, **described, "resource": client.resource, "status": client.status, **client.options}


def list_clients() -> list[dict[str, Any]]:
    """Describe every client of the present tenant, by id."""
    return [describe(client) for client in db.session.scalars(select(Client).order_by(Client.id))]


def check_issuer(name: str, *, jwks: Any, jwks_uri: str | None) -> None:
    """Want an issuer with a name that assertions can carry, and keys; raises InvalidRegistration."""
    if not 0 < len(name) <= LONGEST_ISSUER or not name.isprintable():
        raise InvalidRegistration(f"ISSUER is the `iss` of its assertions, 1 to {LONGEST_ISSUER} characters.")
    if jwks is None and jwks_uri is None:
        raise InvalidRegistration("Give --jwks-file or --jwks-uri: an assertion counts only if a key verifies it.")
    _check_keys("", jwks, jwks_uri)


def _check_keys(auth_method: str, jwks: Any, jwks_uri: str | None) -> None:
    """Want keys for a client that signs, public ones that can be read, and from one place (RFC 7591 §2)."""
    if auth_method == "private_key_jwt" and jwks is None and jwks_uri is None:
        raise InvalidRegistration("--auth-method private_key_jwt needs --jwks-file or --jwks-uri.")
    if jwks is not None and jwks_uri is not None:
        raise InvalidRegistration("Give --jwks-file or --jwks-uri, not both (RFC 7591 §2).")
    if jwks_uri is not None:
        _check_redirect(jwks_uri, option="--jwks-uri")
    if jwks is None:
        return
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not keys or len(keys_at(jwks, None, None)) != len(keys):
        raise InvalidRegistration("--jwks-file holds no JWKS of public keys that verify signatures (RFC 7517 §5).")
    if any(PRIVATE & key.keys() for key in keys):
        raise InvalidRegistration("--jwks-file holds a private key; give the public half only (RFC 7517 §9.3).")


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
    if auth_method in KEYLESS and secret is not None:
        raise InvalidRegistration(f"--secret does not go with --auth-method {auth_method}.")
    if auth_method == "none" and "client_credentials" in grant_types:
        raise InvalidRegistration("A public client cannot use client_credentials (RFC 6749 §4.4).")
    if ("authorization_code" in grant_types) != bool(redirect_uris):
        raise InvalidRegistration("--redirect-uri goes with --grant-type authorization_code, and only with it.")
    for uri in redirect_uris:
        _check_redirect(uri)


def _check_redirect(uri: str, option: str = "--redirect-uri") -> None:
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
            f"{option} {uri} is neither https nor http on loopback, or has a part it may not have."
        )
