"""The rule of entitlements: the scopes of all roles together, as far as the person is active."""

from __future__ import annotations

from sandbox.access.scopes import parse_scope, write_scope
from sandbox.resources.entitlements.model import Entitlements
from sandbox.resources.roles.service import of_user
from sandbox.resources.users.service import find as find_user


def of(user_id: str) -> Entitlements:
    """Tell what a person may do; raises NotFound."""
    user, roles = find_user(user_id), of_user(user_id)
    scopes = frozenset[str]().union(*(parse_scope(role.scope) for role in roles))
    return Entitlements(user.id, user.status == "active", roles, write_scope(scopes).split())
