"""Clients that register and manage themselves (RFC 7591 §3, RFC 7592 §2): one row beside the client, and the token for it.

The token is kept as a hash, belongs to one client, and changes with every update. What was registered is told in full, but
the secret once only.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from sandbox.access.client import Client, find_client, hash_secret
from sandbox.access.jose import OUR_ALGORITHMS
from sandbox.access.keys import ensure_key
from sandbox.access.scopes import parse_scope, write_scope
from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.database import db
from sandbox.foundation.identifiers import new_id, new_secret
from sandbox.foundation.tenancy import touch
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.errors import InvalidClientMetadata, RegistrationForbidden, RegistrationTokenRefused
from sandbox.oauth.models.client_registration import Registration
from sandbox.oauth.policies.applications import blocked_scopes
from sandbox.oauth.registration_rules import read
from sandbox.oauth.software_statement import with_statement
from sandbox.resources.apps import service as apps
from sandbox.resources.audit_events.service import record

COLUMNS = {
    "client_name": "name",
    "token_endpoint_auth_method": "auth_method",
    "grant_types": "grant_types",
    "redirect_uris": "redirect_uris",
    "scope": "scope",
    "jwks": "jwks",
    "jwks_uri": "jwks_uri",
}
SECRETLESS = frozenset({"none", "private_key_jwt"})
SET_HERE = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


def columns(client_id: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Sort metadata that passed the rules into the columns of a client."""
    kept = {column: metadata.get(name) for name, column in COLUMNS.items()}
    options = {name: value for name, value in metadata.items() if name not in {*COLUMNS, "response_types"}}
    return {**kept, "name": kept["name"] or client_id, "options": options}


def register(given: Mapping[str, Any], bounds: frozenset[str]) -> dict[str, Any]:
    """Register a client for scopes within `bounds`; tells everything about it (RFC 7591 §3.2.1)."""
    bounds -= blocked_scopes()
    metadata = read(with_statement(given), bounds)
    client_id, token = new_id("clt"), new_secret("hrt_")
    client = Client(id=client_id, **columns(client_id, metadata))
    registration = Registration(client_id=client_id, token_hash=hash_secret(token), bounds=write_scope(bounds))
    db.session.add_all([client, registration])
    secret = _give_secret(client)
    db.session.flush()
    apps.describe_client(client)
    _have_keys(client)
    record("oauth.client.registered", targets=_targets(client), details={"scope": client.scope})
    return _told(client, registration, token, secret)


def authenticate(client_id: str, token: str) -> tuple[Client, Registration]:
    """Find the client that a registration access token is for (RFC 7592 §2.1).

    Raises RegistrationTokenRefused in the same words for an unknown client, another one's token and an old one, and
    RegistrationForbidden for a client that was disabled.
    """
    # Locked first, since it queues those who come with one token at the same moment: after an update it is the old one.
    mine = select(Registration).where(Registration.client_id == client_id).with_for_update()
    registration = db.session.scalars(mine).one_or_none()
    client = find_client(client_id)
    if client is None or registration is None or not hmac.compare_digest(registration.token_hash, hash_secret(token)):
        raise RegistrationTokenRefused(
            "The registration access token is not one of this client (RFC 7592 section 2.1)."
        )
    if not client.is_enabled:
        raise RegistrationForbidden("The client is disabled (RFC 7592 section 2.1).")
    return client, registration


def show(client: Client, registration: Registration, token: str) -> dict[str, Any]:
    """Tell what is registered; the token is the one that was presented (RFC 7592 §2.1, §3)."""
    return _told(client, registration, token, None)


def replace(client: Client, registration: Registration, given: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the whole metadata, and the token with it: what is left out gets its default (RFC 7592 §2.2)."""
    _check_replacement(client, given)
    before = _metadata(client)
    metadata = read(with_statement(given), parse_scope(registration.bounds) - blocked_scopes())
    for column, value in columns(client.id, metadata).items():
        setattr(client, column, value)
    added = _give_secret(client)
    registration.token_hash = hash_secret(token := new_secret("hrt_"))
    touch()
    db.session.flush()
    apps.describe_client(client)
    _have_keys(client)
    after = _metadata(client)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    changes = [(name, before.get(name), after.get(name)) for name in names]
    record("oauth.client.updated", targets=_targets(client), changes=changes)
    if added is not None:
        record("oauth.client.secret_added", targets=_targets(client))
    return _told(client, registration, token, added or given.get("client_secret"))


def delete(client: Client, registration: Registration) -> None:
    """Delete a client: its tokens and codes end at once, and its app stays on record, switched off (RFC 7592 §2.3)."""
    touch()
    revoke_families("client deleted", TokenFamily.client_id == client.id)
    db.session.delete(registration)
    db.session.delete(client)
    db.session.flush()
    if client.app_id is not None:
        apps.disable(client.app_id)
    record("oauth.client.deleted", targets=_targets(client))


def _check_replacement(client: Client, given: Mapping[str, Any]) -> None:
    """Refuse what an update may not carry (RFC 7592 §2.2); raises InvalidClientMetadata."""
    if given.get("client_id") != client.id:
        raise InvalidClientMetadata("The client_id must be that of the address (RFC 7592 section 2.2).")
    if any(name in given for name in SET_HERE):
        raise InvalidClientMetadata(f"Leave out what is ours to set: {', '.join(SET_HERE)} (RFC 7592 section 2.2).")
    secret = given.get("client_secret")
    if secret is not None and not (isinstance(secret, str) and client.has_secret(secret)):
        raise InvalidClientMetadata("The client_secret must be the present one, or left out (RFC 7592 section 2.2).")


def _give_secret(client: Client) -> str | None:
    """Give a secret to a client that needs one and has none, in clear this once; take it from one that needs none."""
    if client.auth_method in SECRETLESS:
        client.secret_hash = None
        return None
    if client.secret_hash is not None:
        return None
    client.secret_hash = hash_secret(secret := new_secret())
    return secret


def _have_keys(client: Client) -> None:
    """Publish the keys of the algorithms that were chosen before the first of them signs."""
    for algorithm in {client.options.get(name) for name in client.options if name.endswith("_response_alg")}:
        if algorithm in OUR_ALGORITHMS:
            ensure_key(algorithm)


def _metadata(client: Client) -> dict[str, Any]:
    by_column = {name: getattr(client, column) for name, column in COLUMNS.items()}
    known = {name: value for name, value in by_column.items() if value is not None}
    codes = ["code"] if "authorization_code" in client.grant_types else []
    return {**known, "response_types": codes, **client.options}


def _told(client: Client, registration: Registration, token: str, secret: str | None) -> dict[str, Any]:
    """Write the client information response (RFC 7591 §3.2.1, RFC 7592 §3)."""
    secrets = {"client_secret": secret} if secret else {}
    return {
        "client_id": client.id,
        **({**secrets, "client_secret_expires_at": 0} if client.secret_hash else {}),
        "client_id_issued_at": registration.issued_at,
        "registration_access_token": token,
        "registration_client_uri": f"{issuer()}/oauth/register/{client.id}",
        **_metadata(client),
    }


def _targets(client: Client) -> list[tuple[str, str | None, str | None]]:
    return [("client", client.id, client.name)]
