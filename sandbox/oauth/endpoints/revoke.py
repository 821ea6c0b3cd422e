"""Revocation (RFC 7009): a client gives a token back. A refresh token takes its family along, an access token only itself.

The answer is always 200 with an empty object: who holds a foreign token must not learn whether it works, and some clients
want JSON where the specification allows nothing.
"""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response

from sandbox.access.bearer import InvalidToken, validate
from sandbox.access.token import TokenFamily, revoke_access_token, revoke_families
from sandbox.foundation.database import transaction
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.models.refresh_token import find_refresh_token
from sandbox.oauth.server import server
from sandbox.resources.audit_events.service import record


def revoke() -> Response:
    """Revoke a token of the client that asks; a hint is not needed, so an unknown one does no harm (RFC 7009 §2.2.1)."""
    asking = server.create_oauth2_request(None)
    client = server.authenticate_client(asking, CLIENT_AUTH_METHODS)
    if (value := asking.form.get("token")) is None:
        raise InvalidRequestError("The token is missing (RFC 7009 section 2.1).")
    with transaction():
        if not _revoke_refresh_token(value, client.get_client_id()):
            _revoke_access_token(value, client.get_client_id())
    return server.handle_response(200, {}, [])


def _revoke_refresh_token(value: str, client_id: str) -> bool:
    """End the family of a refresh token; False when the value is no refresh token at all."""
    if (found := find_refresh_token(value)) is None:
        return False
    token, family = found
    if family.client_id == client_id:
        revoke_families("revoked by client", TokenFamily.id == token.family_id)
    return True


def _revoke_access_token(value: str, client_id: str) -> None:
    try:
        access = validate(value)
    except InvalidToken:
        return  # What does not work need not be revoked (RFC 7009 §2.2).
    if access.client_id == client_id and revoke_access_token(access.token_id):
        person = access.subject
        whose = ("user", person.id, person.name) if person else ("client", access.client_id, access.client_name)
        record("oauth.token.revoked", targets=[whose], details={"token_id": access.token_id})
