"""People with the roles that this vendor has, for tests of what each may see and do."""

from __future__ import annotations

from typing import Any

from sandbox.access.scopes import API, EVERY_READ, MEMBER
from tests import builders

THEIR_THINGS = frozenset({"files:read", "files:write", "exports:read", "exports:write"})
"""What lets a person work with files through an application; no role of the seed but the administrator's has all of it."""
ROLES = {"member": MEMBER | THEIR_THINGS, "security_auditor": EVERY_READ, "administrator": frozenset(API)}


def somebody(role: str = "member", **given: Any) -> str:
    """A person with one of the vendor's roles; gives their id."""
    user = builders.a_user(**given)
    builders.an_assignment(user.id, builders.a_role(scope=" ".join(ROLES[role])).key)
    return user.id


def bound_to(actions: list[str], **given: Any) -> dict[str, Any]:
    """Terms of a token that is bound to projects by authorization details (RFC 9396)."""
    return {"authorization_details": [{"type": "harbor_project", "actions": actions, **given}]}
