"""Registering clients by hand, by the rules of registration, and describing them: what `sandbox client` does."""

from __future__ import annotations

import re
from typing import Any, Final

from authlib.oauth2.rfc6749 import OAuth2Error
from sqlalchemy import select

from sandbox.access.client import FAPI2, OAUTH2, Client, find_client, hash_secret
from sandbox.access.scopes import EVERYTHING
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import touch
from sandbox.oauth import registration_rules
from sandbox.oauth.registration import SECRETLESS, columns
from sandbox.oauth.registration_addresses import web_fault
from sandbox.resources.audit_events.service import record

LONGEST_ISSUER = 300

_OPTIONS: Final = {
    "client_name": "--name",
    "token_endpoint_auth_method": "--auth-method",
    "jwks": "--jwks-file",
    "jwks_uri": "--jwks-uri",
    "grant_types": "--grant-type options",
    "redirect_uris": "--redirect-uri options",
    "scope": "--scope",
}
"""What the members of client metadata are called where somebody types them."""

_MEMBER: Final = re.compile(rf"\b({'|'.join(_OPTIONS)})\b")


class InvalidRegistration(ValueError):
    """The values do not make a client; the message names which."""


def create(
    *, client_id: str, auth_method: str, grant_types: tuple[str, ...], scope: str, **given: Any
) -> dict[str, Any]:
    """Register a client; tells its values, with the secret in clear this once. Raises InvalidRegistration."""
    secret = given.get("secret")
    metadata = _read(
        client_name=given.get("name") or client_id,
        token_endpoint_auth_method=auth_method,
        grant_types=list(grant_types),
        redirect_uris=list(given.get("redirect_uris") or ()),
        scope=scope,
        jwks=given.get("jwks"),
        jwks_uri=given.get("jwks_uri"),
        application_type="native" if auth_method == "none" else "web",
    )
    if find_client(client_id) is not None:
        raise InvalidRegistration(f"There is a client {client_id!r} already.")
    if auth_method in SECRETLESS and secret is not None:
        raise InvalidRegistration(f"--secret does not go with --auth-method {auth_method}.")
    if auth_method not in SECRETLESS and secret is None:
        secret = new_secret()
    if (resource := given.get("resource")) is not None and (fault := web_fault(resource)):
        raise InvalidRegistration(f"--resource {fault}.")
    profile = given.get("profile") or OAUTH2
    if profile == FAPI2 and auth_method != "private_key_jwt":
        raise InvalidRegistration("--security-profile fapi2 goes with --auth-method private_key_jwt only.")
    values = {**columns(client_id, metadata), "resource": resource, "profile": profile}
    with transaction() as session:
        session.add(Client(id=client_id, secret_hash=hash_secret(secret) if secret else None, **values))
        touch()
        record("oauth.client.registered", targets=[("client", client_id, values["name"])])
    shown = {name: values[name] for name in ("name", "auth_method", "grant_types", "redirect_uris", "scope", "profile")}
    return {"client_id": client_id, **({"client_secret": secret} if secret else {}), **shown}


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
    if (jwks is None) == (jwks_uri is None):
        raise InvalidRegistration("Give --jwks-file or --jwks-uri: an assertion counts only if a key verifies it.")
    if jwks_uri is not None and (fault := web_fault(jwks_uri)):
        raise InvalidRegistration(f"--jwks-uri {fault}.")
    if jwks is not None:
        try:
            registration_rules.read_keys(jwks)
        except OAuth2Error as error:
            raise _refused(error) from None


def _read(**metadata: Any) -> dict[str, Any]:
    try:
        return registration_rules.read(metadata, EVERYTHING)
    except OAuth2Error as error:
        raise _refused(error) from None


def _refused(error: OAuth2Error) -> InvalidRegistration:
    """Say a refusal of the metadata in the words of the command line: with options instead of members."""
    return InvalidRegistration(_MEMBER.sub(lambda found: _OPTIONS[found[1]], error.get_error_description()))
