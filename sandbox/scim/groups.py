"""Groups as SCIM resources, through `groups.service` (RFC 7643 §4.2): each member that comes or goes is recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import undefer

from sandbox.foundation.database import db, transaction
from sandbox.resources.groups import service
from sandbox.resources.groups.model import Group
from sandbox.resources.users.model import GroupMembership
from sandbox.scim.mapping import Resource, columns_of_group, member_ids, resource_of_group
from sandbox.scim.narrow import Condition, Known, equal, since
from sandbox.scim.schemas import GROUP


class Groups:
    """The groups of the present tenant."""

    def __init__(self) -> None:
        self.kind = GROUP
        self.key = Group.id
        self.known = _KNOWN

    def rows(self, condition: Condition | None) -> Select[Group]:
        """Select groups."""
        rows = service.search().options(undefer(Group.external_id))
        return rows if condition is None else rows.where(condition)

    def count(self) -> int:
        """Count them."""
        return db.session.scalar(select(func.count()).select_from(Group)) or 0

    def show(self, groups: Sequence[Group]) -> list[Resource]:
        """Show groups, with the members of all of them read in one statement."""
        members: defaultdict[str, list[str]] = defaultdict(list)
        held = (
            select(GroupMembership.group_id, GroupMembership.user_id)
            .where(GroupMembership.group_id.in_([group.id for group in groups]))
            .order_by(GroupMembership.user_id)
        )
        for group_id, user_id in db.session.execute(held):
            members[group_id].append(user_id)
        return [resource_of_group(group, members[group.id]) for group in groups]

    def read(self, group_id: str) -> Resource:
        """Show one group; raises NotFound."""
        return self.show([service.find(group_id)])[0]

    def create(self, resource: Resource) -> Resource:
        """Add a group with its members; raises Conflict for a name that is in use."""
        with transaction():
            group = service.create(**columns_of_group(resource))
            service.change_members(group.id, add=member_ids(resource))
            return self.read(group.id)

    def change(self, group_id: str, edit: Callable[[Resource], Resource]) -> Resource:
        """Change a group as `edit` says, which gets the present resource and may refuse; what stays leaves no trace."""
        with transaction():
            service.hold(group_id)
            present = self.read(group_id)
            wanted = edit(present)
            service.update(group_id, **columns_of_group(wanted))
            before, after = set(member_ids(present)), member_ids(wanted)
            coming = [user_id for user_id in after if user_id not in before]
            going = sorted(before - set(after))
            if coming or going:
                service.change_members(group_id, add=coming, remove=going)
            return self.read(group_id)

    def delete(self, group_id: str, check: Callable[[Resource], None]) -> None:
        """Delete a group; its members stay as people. Raises NotFound."""
        with transaction():
            service.hold(group_id)
            check(self.read(group_id))
            service.delete(group_id)


_has_member = equal(
    lambda value: Group.id.in_(select(GroupMembership.group_id).where(GroupMembership.user_id == value))
)

_KNOWN: Known = {
    "id": equal(lambda value: Group.id == value),
    "externalid": equal(lambda value: Group.external_id == value),
    "members": _has_member,
    "members.value": _has_member,
    "meta.lastmodified": since(Group.updated_at),
}
