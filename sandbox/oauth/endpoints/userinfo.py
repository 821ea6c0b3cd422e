"""Userinfo: what the token's scopes allow to know about its person (OpenID Connect Core §5.3).

JSON, or a JWT for a client that registered an algorithm (§5.3.2), which then proves who said it, and to whom.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, g

from sandbox.access.bearer import Access
from sandbox.access.client import find_client
from sandbox.access.protect import requires
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.person_claims import claims_of
from sandbox.oauth.refusals import NO_STORE
from sandbox.oauth.tokens import sign


@requires("openid", resource="/oauth/userinfo")
def userinfo() -> Response:
    """Tell the claims of each granted scope."""
    access = g.access
    claims = claims_of(access.subject.id, access.scopes)
    if (algorithm := _algorithm(access)) is not None:
        return _signed({"iss": issuer(), "aud": access.client_id, **claims}, algorithm)
    return Response(orjson.dumps(claims), headers=NO_STORE, content_type="application/json")


def _algorithm(access: Access) -> str | None:
    client = find_client(access.client_id) if is_on("signed_userinfo") else None
    return client.options.get("userinfo_signed_response_alg") if client else None


def _signed(claims: dict[str, Any], algorithm: str) -> Response:
    return Response(sign(claims, kind="JWT", algorithm=algorithm), headers=NO_STORE, content_type="application/jwt")
