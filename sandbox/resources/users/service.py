"""The rules of people."""

from __future__ import annotations

from sandbox.foundation.database import db
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.users.model import User


def find(user_id: str) -> User:
    """Find a person by id, tombstones too; raises NotFound."""
    if (user := db.session.get(User, (current_tenant_id(), user_id))) is None:
        raise NotFound(f"There is no user {user_id}.", id=user_id)
    return user
