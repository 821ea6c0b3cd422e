"""People as SCIM resources, through `users.service`: provisioned, changed, suspended and deleted (RFC 7643 §4.1).

`active: false` suspends, and ends sessions and tokens in the same transaction; DELETE leaves a tombstone that nobody sees
here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import undefer_group

from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import touch
from sandbox.resources.actions.catalog import suspend_user
from sandbox.resources.groups.model import Group
from sandbox.resources.users import service
from sandbox.resources.users.model import GroupMembership, RoleAssignment, User
from sandbox.scim.mapping import Resource, columns_of_user, folded_user_name, resource_of_user
from sandbox.scim.narrow import Condition, Known, equal, since
from sandbox.scim.schemas import USER

LOG = {"channel": "scim"}


class Users:
    """The people of the present tenant."""

    def __init__(self) -> None:
        self.kind = USER
        self.key = User.id
        self.known = _KNOWN

    def rows(self, condition: Condition | None) -> Select[User]:
        """Select living people, with what a directory says of them."""
        rows = service.search().options(undefer_group("directory"))
        return rows if condition is None else rows.where(condition)

    def count(self) -> int:
        """Count the living."""
        return db.session.scalar(select(func.count()).select_from(User).where(User.status != "deleted")) or 0

    def show(self, users: Sequence[User]) -> list[Resource]:
        """Show people, with groups and roles of all of them read in one statement each."""
        ids = [user.id for user in users]
        groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        held = (
            select(GroupMembership.user_id, Group.id, Group.name)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(GroupMembership.user_id.in_(ids))
            .order_by(Group.id)
        )
        for user_id, group_id, name in db.session.execute(held):
            groups[user_id].append((group_id, name))
        roles: defaultdict[str, list[str]] = defaultdict(list)
        given = select(RoleAssignment.user_id, RoleAssignment.role_key).where(RoleAssignment.user_id.in_(ids))
        for user_id, key in db.session.execute(given.order_by(RoleAssignment.role_key)):
            roles[user_id].append(key)
        return [resource_of_user(user, groups[user.id], roles[user.id]) for user in users]

    def read(self, user_id: str) -> Resource:
        """Show one person; raises NotFound, for a tombstone too."""
        return self.show([_living(user_id)])[0]

    def create(self, resource: Resource) -> Resource:
        """Add a person; raises Conflict for a user name or an address that is in use."""
        with transaction():
            status = "active" if resource.get("active", True) else "staged"
            user = service.create(**columns_of_user(resource), status=status, auth_method="sso")
            return self.read(user.id)

    def change(self, user_id: str, edit: Callable[[Resource], Resource]) -> Resource:
        """Change a person as `edit` says, which gets the present resource and may refuse; what stays leaves no trace."""
        with transaction():
            _hold(user_id)
            present = self.read(user_id)
            wanted = edit(present)
            before, after = columns_of_user(present), columns_of_user(wanted)
            if new := {name: value for name, value in after.items() if value != before[name]}:
                service.update(user_id, **new)
            _move(user_id, active=bool(wanted.get("active", present["active"])), was=present["active"])
            return self.read(user_id)

    def delete(self, user_id: str, check: Callable[[Resource], None]) -> None:
        """Delete a person, whose sessions, tokens and grants end at once; raises NotFound."""
        with transaction():
            _hold(user_id)
            check(self.read(user_id))
            service.delete(user_id)


def _living(user_id: str) -> User:
    user = service.find(user_id)
    if user.status == "deleted":
        raise NotFound(f"There is no user {user_id}.", id=user_id)
    return user


def _hold(user_id: str) -> None:
    """Queue behind whoever changes the person, or what people may do: the tenant first, as everybody who does both."""
    touch()
    _living(user_id)
    service.hold(user_id)


def _move(user_id: str, *, active: bool, was: bool) -> None:
    if active and not was:
        if not service.activate(user_id):
            service.reactivate(user_id, details=LOG)
    elif was and not active:
        suspend_user(user_id, LOG)


def _active(operator: str, value: Any) -> Condition | None:
    if operator != "eq" or not isinstance(value, bool):
        return None
    return User.status == "active" if value else User.status != "active"


_email = equal(lambda value: or_(User.email == value.lower(), User.directory.is_not(None)))
_in_group = equal(lambda value: User.id.in_(select(GroupMembership.user_id).where(GroupMembership.group_id == value)))

_KNOWN: Known = {
    "id": equal(lambda value: User.id == value),
    "username": equal(lambda value: User.user_name == folded_user_name(value)),
    "externalid": equal(lambda value: User.external_id == value),
    "active": _active,
    "emails": _email,  # Who has further addresses has them in the record of the directory.
    "emails.value": _email,
    "groups": _in_group,
    "groups.value": _in_group,
    "meta.lastmodified": since(User.updated_at),
}
