"""Userinfo: what the token's scopes allow to know about its person (OpenID Connect Core §5.3)."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, g

from sandbox.access.protect import requires
from sandbox.foundation.clock import milliseconds
from sandbox.oauth.capabilities import CLAIMS
from sandbox.oauth.refusals import NO_STORE
from sandbox.resources.users import service as users
from sandbox.resources.users.model import User


@requires("openid", resource="/oauth/userinfo")
def userinfo() -> Response:
    """Tell the claims of each granted scope."""
    access = g.access
    known = _claims(users.find(access.subject.id))
    names = [name for scope in CLAIMS if scope in access.scopes for name in CLAIMS[scope]]
    claims = {name: known[name] for name in names if known[name] is not None}
    return Response(orjson.dumps(claims), headers=NO_STORE, content_type="application/json")


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
