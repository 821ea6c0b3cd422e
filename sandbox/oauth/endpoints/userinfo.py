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
from sandbox.foundation.clock import milliseconds
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import CLAIMS, is_on
from sandbox.oauth.refusals import NO_STORE
from sandbox.oauth.tokens import sign
from sandbox.resources.users import service as users
from sandbox.resources.users.model import User


@requires("openid", resource="/oauth/userinfo")
def userinfo() -> Response:
    """Tell the claims of each granted scope."""
    access = g.access
    known = _claims(users.find(access.subject.id))
    names = [name for scope in CLAIMS if scope in access.scopes for name in CLAIMS[scope]]
    claims = {name: known[name] for name in names if known[name] is not None}
    if (algorithm := _algorithm(access)) is not None:
        return _signed({"iss": issuer(), "aud": access.client_id, **claims}, algorithm)
    return Response(orjson.dumps(claims), headers=NO_STORE, content_type="application/json")


def _algorithm(access: Access) -> str | None:
    client = find_client(access.client_id) if is_on("signed_userinfo") else None
    return client.options.get("userinfo_signed_response_alg") if client else None


def _signed(claims: dict[str, Any], algorithm: str) -> Response:
    return Response(sign(claims, kind="JWT", algorithm=algorithm), headers=NO_STORE, content_type="application/jwt")


def _claims(person: User) -> dict[str, Any]:
    return {
        "sub": person.id,
        "name": person.name,
        "given_name": person.given_name or None,
        "family_name": person.family_name or None,
        "zoneinfo": person.time_zone,
        "updated_at": milliseconds(person.updated_at) // 1000,
        "email": person.email,
        "email_verified": True,
    }
