"""Introspection (RFC 7662): what a token is worth at this moment, for its own client or the API that it is for.

For every other token, whatever is wrong with it, the answer is exactly `{"active": false}` (RFC 7662 §2.2). Who asks for a
JWT gets the same answer signed (RFC 9701), as proof of what the server said.
"""

from __future__ import annotations

from typing import Any

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, request
from joserfc import jws

from sandbox.access.bearer import InvalidToken, validate
from sandbox.access.client import Client
from sandbox.access.permissions import subject
from sandbox.access.scopes import write_scope
from sandbox.access.terms import read_terms
from sandbox.foundation.clock import wall_seconds
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import CONFIDENTIAL, is_on
from sandbox.oauth.models.refresh_token import find_refresh_token
from sandbox.oauth.refusals import NO_STORE
from sandbox.oauth.server import server
from sandbox.oauth.tokens import sign

INACTIVE = {"active": False}
SIGNED = "token-introspection+jwt"
DEFAULT_ALGORITHM = "RS256"  # RFC 9701 §6


def introspect() -> Response:
    """Tell what a token is worth; a hint is not needed, so a wrong one does no harm (RFC 7662 §2.1)."""
    asking = server.create_oauth2_request(None)
    client = server.authenticate_client(asking, CONFIDENTIAL).record
    if (value := asking.form.get("token")) is None:
        raise InvalidRequestError("The token is missing (RFC 7662 section 2.1).")
    known = _refresh_token(value, client) or _access_token(value, client) or INACTIVE
    return _signed(known, client) if _wants_a_jwt() else server.handle_response(200, known, [])


def _refresh_token(value: str, client: Client) -> dict[str, Any] | None:
    """Describe a working refresh token, to its own client only: APIs never see one."""
    found = find_refresh_token(value)
    if found is None or found[1].client_id != client.id:
        return None
    token, family = found
    person = subject(family.user_id) if family.user_id else None
    dead = token.consumed_at or token.revoked_at or family.revoked_at or token.expires_at <= wall_seconds()
    if dead or person is None or not person.is_active:
        return None
    described = {
        "active": True,
        "client_id": family.client_id,
        "scope": token.scope,
        "sub": person.id,
        "username": person.email,
        "iss": issuer(),
        "exp": token.expires_at,
    }
    terms = read_terms(token.terms)
    key = {"cnf": {"jkt": terms.jkt}} if terms.jkt else {}
    details = {"authorization_details": list(terms.authorization_details)} if terms.authorization_details else {}
    return {**described, **key, **details}


def _access_token(value: str, client: Client) -> dict[str, Any] | None:
    """Describe a working access token: its own claims, with the scope that is effective now (rulings of `access`)."""
    try:
        access = validate(value)
    except InvalidToken:
        return None
    if access.client_id != client.id and client.resource not in access.audience:
        return None
    claims = orjson.loads(jws.extract_compact(value.encode()).payload)
    kind = "DPoP" if access.terms.jkt else "Bearer"
    described = {**claims, "active": True, "token_type": kind, "scope": write_scope(access.scopes)}
    return {**described, "username": access.subject.email} if access.subject else described


def _wants_a_jwt() -> bool:
    """Tell whether the caller prefers the JWT (RFC 9701 §4); JSON is for everybody who does not say so."""
    offered = ["application/json", f"application/{SIGNED}"]
    chosen = request.accept_mimetypes.best_match(offered, "application/json")
    return chosen == offered[1] and is_on("signed_introspection")


def _signed(known: dict[str, Any], client: Client) -> Response:
    """Put the answer into a JWT for this caller (RFC 9701 §5): a claim apart, so that it is never taken for a token."""
    claims = {"iss": issuer(), "aud": client.id, "iat": wall_seconds(), "token_introspection": known}
    algorithm = client.options.get("introspection_signed_response_alg", DEFAULT_ALGORITHM)
    return Response(sign(claims, kind=SIGNED, algorithm=algorithm), 200, NO_STORE, content_type=f"application/{SIGNED}")
