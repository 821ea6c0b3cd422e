"""The rules of roles: what people may do follows from them, at once.

Giving or taking a role touches the tenant, so that the very next request of that person sees it (and gets 403 where it
was taken away). The last administrator keeps the role, since nobody could give it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from sandbox.access.permissions import Subject
from sandbox.access.scopes import parse_scope
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import record
from sandbox.resources.roles.model import Role
from sandbox.resources.users.model import RoleAssignment, User
from sandbox.resources.users.service import ADMINISTRATOR, find_living, keep_an_administrator
from sandbox.resources.users.service import find as find_user


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role as it is shown: its scopes as a list, and the number of its holders."""

    id: str
    key: str
    name: str
    description: str
    is_privileged: bool
    scopes: list[str]
    member_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class HolderView:
    """A person who has a role."""

    user_id: str
    email: str
    name: str
    granted_at: datetime


def search(*, key: str | None = None, is_privileged: bool | None = None) -> Select[Role]:
    """Select roles."""
    rows = select(Role)
    if key is not None:
        rows = rows.where(Role.key == key)
    if is_privileged is not None:
        rows = rows.where(Role.is_privileged == is_privileged)
    return rows


def find(role_id: str) -> Role:
    """Find a role by id; raises NotFound."""
    if (role := db.session.get(Role, (current_tenant_id(), role_id))) is None:
        raise NotFound(f"There is no role {role_id}.", id=role_id)
    return role


def of_user(user_id: str) -> list[Role]:
    """List the roles that a person has, by key."""
    held = select(Role).join(RoleAssignment, RoleAssignment.role_key == Role.key)
    return list(db.session.scalars(held.where(RoleAssignment.user_id == user_id).order_by(Role.key)))


def present(roles: Sequence[Role]) -> list[RoleView]:
    """Show roles, with their holders counted in one statement."""
    held = (
        select(RoleAssignment.role_key, func.count())
        .join(User, User.id == RoleAssignment.user_id)
        .where(RoleAssignment.role_key.in_([role.key for role in roles]), User.status != "deleted")
        .group_by(RoleAssignment.role_key)
    )
    counts = dict(db.session.execute(held).all())
    return [
        RoleView(
            id=role.id,
            key=role.key,
            name=role.name,
            description=role.description,
            is_privileged=role.is_privileged,
            scopes=role.scope.split(),
            member_count=counts.get(role.key, 0),
            created_at=role.created_at,
            updated_at=role.updated_at,
        )
        for role in roles
    ]


def holders(role_id: str) -> Select[RoleAssignment]:
    """Select who has a role; raises NotFound."""
    return select(RoleAssignment).where(RoleAssignment.role_key == find(role_id).key)


def present_holders(assignments: Sequence[RoleAssignment]) -> list[HolderView]:
    """Show who has a role, with names read in one statement."""
    people = {
        user.id: user for user in db.session.scalars(select(User).where(User.id.in_([a.user_id for a in assignments])))
    }
    return [HolderView(a.user_id, people[a.user_id].email, people[a.user_id].name, a.created_at) for a in assignments]


def grant(role_id: str, *, user_id: str) -> None:
    """Give a person a role; giving it twice is giving it once. Raises NotFound, and Conflict for a deleted person."""
    with transaction():
        touch()
        role, user = find(role_id), find_living(user_id)
        if _assignment(role, user) is not None:
            return
        db.session.add(RoleAssignment(role_key=role.key, user_id=user.id))
        user.updated_at = now()
        record("user.role.granted", targets=[("user", user.id, user.name), ("role", role.id, role.name)])


def revoke(role_id: str, *, user_id: str) -> None:
    """Take a role from a person; raises NotFound if they do not have it, and Conflict for the last administrator."""
    with transaction():
        touch()  # First, since it queues those who take roles at the same moment: two must not each leave the other.
        role, user = find(role_id), find_user(user_id)
        assignment = _assignment(role, user)
        if assignment is None:
            raise NotFound(f"{user_id} does not have the role {role.key}.", id=user_id)
        if role.key == ADMINISTRATOR:
            keep_an_administrator(user)
        db.session.delete(assignment)
        user.updated_at = now()
        record("user.role.revoked", targets=[("user", user.id, user.name), ("role", role.id, role.name)])


class RolePermissions:
    """The `PermissionSource` of this vendor: people may do what their roles allow."""

    def subject(self, user_id: str) -> Subject | None:
        """Look a person up, with everything that the roles allow now."""
        user = db.session.get(User, (current_tenant_id(), user_id))
        if user is None:
            return None
        roles = of_user(user_id)
        allowed = frozenset[str]().union(*(parse_scope(role.scope) for role in roles))
        kind, privileged = "user" if user.type == "human" else "service", any(role.is_privileged for role in roles)
        return Subject(user.id, kind, user.name, user.email, user.status == "active", allowed, privileged)


def _assignment(role: Role, user: User) -> RoleAssignment | None:
    theirs = (RoleAssignment.role_key == role.key, RoleAssignment.user_id == user.id)
    return db.session.scalars(select(RoleAssignment).where(*theirs)).one_or_none()
