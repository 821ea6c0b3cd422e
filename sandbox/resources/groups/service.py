"""The rules of groups: names are unique, members are living people, and a deleted group leaves nobody in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.exc import IntegrityError

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, FieldError, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.groups.model import Group
from sandbox.resources.users.model import GroupMembership, User
from sandbox.resources.users.service import find as find_user
from sandbox.resources.users.service import find_living, note_change, target_of


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as shown: with the number of its members."""

    id: str
    name: str
    description: str
    type: str
    member_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MemberView:
    """A person in a group."""

    user_id: str
    email: str
    name: str
    added_at: datetime


def search(**filters: Any) -> Select[Group]:
    """Select groups; `filters` are those of `GroupFilters`."""
    return select(Group).filter_by(**filters)


def find(group_id: str) -> Group:
    """Find a group by id; raises NotFound."""
    if (group := db.session.get(Group, (current_tenant_id(), group_id))) is None:
        raise NotFound(f"There is no group {group_id}.", id=group_id)
    return group


def of_user(user_id: str) -> Select[Group]:
    """Select the groups that a person is in; raises NotFound."""
    theirs = select(GroupMembership.group_id).where(GroupMembership.user_id == find_user(user_id).id)
    return select(Group).where(Group.id.in_(theirs))


def present(groups: Sequence[Group]) -> list[GroupView]:
    """Show groups, with their members counted in one statement."""
    held = select(GroupMembership.group_id, func.count()).where(
        GroupMembership.group_id.in_([group.id for group in groups])
    )
    counts = dict(db.session.execute(held.group_by(GroupMembership.group_id)).all())
    return [
        GroupView(
            id=group.id,
            name=group.name,
            description=group.description,
            type=group.type,
            member_count=counts.get(group.id, 0),
            created_at=group.created_at,
            updated_at=group.updated_at,
        )
        for group in groups
    ]


def members(group_id: str) -> Select[GroupMembership]:
    """Select who is in a group; raises NotFound."""
    return select(GroupMembership).where(GroupMembership.group_id == find(group_id).id)


def present_members(memberships: Sequence[GroupMembership]) -> list[MemberView]:
    """Show who is in a group, with names read in one statement."""
    ids = [membership.user_id for membership in memberships]
    people = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}
    return [MemberView(m.user_id, people[m.user_id].email, people[m.user_id].name, m.created_at) for m in memberships]


def create(**given: Any) -> Group:
    """Add a group; raises Conflict for a name that is in use."""
    with transaction() as session:
        group = Group(**given)
        session.add(group)
        _flush(group)
        record("group.created", targets=[_target(group)])
        return group


def update(group_id: str, **given: Any) -> Group:
    """Change a group; what stays the same leaves no trace. Raises NotFound, and Conflict for a name that is in use."""
    with transaction():
        group = find(group_id)
        new = {name: value for name, value in given.items() if getattr(group, name) != value}
        if not new:
            return group
        changes = [(name, getattr(group, name), value) for name, value in new.items()]
        for name, value in new.items():
            setattr(group, name, value)
        group.updated_at = now()
        _flush(group)
        record("group.updated", targets=[_target(group)], changes=changes)
        return group


def delete(group_id: str) -> None:
    """Delete a group and its memberships, not the people; raises NotFound."""
    with transaction() as session:
        group = find(group_id)
        members = GroupMembership.group_id == group.id
        note_change(session.scalars(select(GroupMembership.user_id).where(members)).all())
        session.execute(delete_rows(GroupMembership).where(members))
        session.delete(group)
        record("group.deleted", targets=[_target(group)])


def add_member(group_id: str, *, user_id: str) -> None:
    """Put a person into a group; doing it twice is doing it once. Raises NotFound, and Conflict for a tombstone."""
    with transaction() as session:
        group, user = hold(group_id), find_living(user_id)
        if _membership(group, user) is not None:
            return
        session.add(GroupMembership(group_id=group.id, user_id=user.id))
        group.updated_at = user.updated_at = now()
        record("group.member.added", targets=[_target(group), target_of(user)])


def remove_member(group_id: str, *, user_id: str) -> None:
    """Take a person out of a group; raises NotFound if they are not in it."""
    with transaction() as session:
        group, user = hold(group_id), find_user(user_id)
        membership = _membership(group, user)
        if membership is None:
            raise NotFound(f"{user_id} is not in the group {group_id}.", id=user_id)
        session.delete(membership)
        group.updated_at = user.updated_at = now()
        record("group.member.removed", targets=[_target(group), target_of(user)])


def change_members(group_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
    """Put people into a group and take others out, all at once; who is in or out already stays so.

    Raises NotFound, and InvalidRequest naming whoever does not exist or is deleted.
    """
    with transaction() as session:
        group = hold(group_id)
        present = set(session.scalars(_members_among(group, [*add, *remove])))
        coming, going = _people(set(add) - present), _people(present & set(remove) - set(add))
        living = present | {user.id for user in coming.values() if user.status != "deleted"}
        if refused := [user_id for user_id in add if user_id not in living]:
            errors = [FieldError(pointer="/members", detail=f"there is no user {user_id}") for user_id in refused]
            raise InvalidRequest("Name members who exist.", errors=errors)
        if coming:
            ours = {"tenant_id": current_tenant_id(), "group_id": group.id}
            session.execute(insert(GroupMembership), [{**ours, "user_id": user_id} for user_id in coming])
        theirs = (GroupMembership.group_id == group.id, GroupMembership.user_id.in_(going))
        session.execute(delete_rows(GroupMembership).where(*theirs))
        for action, people in (("group.member.added", coming), ("group.member.removed", going)):
            for user in people.values():
                record(action, targets=[_target(group), target_of(user)])
        if coming or going:
            note_change([*coming, *going])
            group.updated_at = now()


def hold(group_id: str) -> Group:
    """Find a group and queue behind whoever is changing its members at this moment; raises NotFound."""
    return db.session.get(Group, (current_tenant_id(), group_id), with_for_update=True) or find(group_id)


def _members_among(group: Group, user_ids: Sequence[str]) -> Select[str]:
    theirs = (GroupMembership.group_id == group.id, GroupMembership.user_id.in_(user_ids))
    return select(GroupMembership.user_id).where(*theirs)


def _people(user_ids: Iterable[str]) -> dict[str, User]:
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(sorted(user_ids))))}


def _membership(group: Group, user: User) -> GroupMembership | None:
    theirs = (GroupMembership.group_id == group.id, GroupMembership.user_id == user.id)
    return db.session.scalars(select(GroupMembership).where(*theirs)).one_or_none()


def _flush(group: Group) -> None:
    """Write now: the database itself decides whether the name is free, also between two who ask at once."""
    name = group.name  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"There is a group called {name!r} already; choose another name.",
            errors=[{"pointer": "/name", "detail": "another group has this name"}],
        ) from None


def _target(group: Group) -> Target:
    return ("group", group.id, group.name)
