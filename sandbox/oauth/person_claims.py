"""What can be told about a person, and which scope allows each claim (OpenID Connect Core §5.1, §5.4)."""

from __future__ import annotations

from typing import Any

from sandbox.foundation.clock import milliseconds
from sandbox.oauth.capabilities import CLAIMS
from sandbox.resources.users import service as users
from sandbox.resources.users.model import User


def claims_of(user_id: str, scopes: frozenset[str]) -> dict[str, Any]:
    """Tell the claims that the scopes allow; what is not known is left out (§5.3.2)."""
    known = _claims(users.find(user_id))
    names = [name for scope in CLAIMS if scope in scopes for name in CLAIMS[scope]]
    return {name: known[name] for name in names if known[name] is not None}


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
