"""Introspection (RFC 7662): a confidential client asks what one of its own tokens is worth at this moment.

For every other token, whatever is wrong with it, the answer is exactly `{"active": false}` (RFC 7662 §2.2).
"""

from __future__ import annotations

from typing import Any

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response
from joserfc import jws

from sandbox.access.bearer import InvalidToken, validate
from sandbox.access.permissions import subject
from sandbox.access.scopes import write_scope
from sandbox.access.terms import read_terms
from sandbox.foundation.clock import wall_seconds
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import CONFIDENTIAL
from sandbox.oauth.models.refresh_token import find_refresh_token
from sandbox.oauth.server import server

INACTIVE = {"active": False}


def introspect() -> Response:
    """Tell what a token is worth; a hint is not needed, so a wrong one does no harm (RFC 7662 §2.1)."""
    asking = server.create_oauth2_request(None)
    client = server.authenticate_client(asking, CONFIDENTIAL)
    if (value := asking.form.get("token")) is None:
        raise InvalidRequestError("The token is missing (RFC 7662 section 2.1).")
    known = _refresh_token(value) or _access_token(value)
    mine = known is not None and known["client_id"] == client.get_client_id()
    return server.handle_response(200, known if mine else INACTIVE, [])


def _refresh_token(value: str) -> dict[str, Any] | None:
    if (found := find_refresh_token(value)) is None:
        return None
    token, family = found
    person = subject(family.user_id) if family.user_id else None
    dead = token.consumed_at or token.revoked_at or family.revoked_at or token.expires_at <= wall_seconds()
    if dead or person is None or not person.is_active:
        return None
    details = read_terms(token.terms).authorization_details
    return {
        "active": True,
        "client_id": family.client_id,
        "scope": token.scope,
        "sub": person.id,
        "username": person.email,
        "iss": issuer(),
        "exp": token.expires_at,
        **({"authorization_details": list(details)} if details else {}),
    }


def _access_token(value: str) -> dict[str, Any] | None:
    """Describe a working access token: its own claims, with the scope that is effective now (rulings of `access`)."""
    try:
        access = validate(value)
    except InvalidToken:
        return None
    claims = orjson.loads(jws.extract_compact(value.encode()).payload)
    token_type = "DPoP" if access.terms.jkt else "Bearer"
    described = {**claims, "active": True, "token_type": token_type, "scope": write_scope(access.scopes)}
    return {**described, "username": access.subject.email} if access.subject else described
