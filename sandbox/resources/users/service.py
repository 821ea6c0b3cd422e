"""The rules of people: who exists, who may be changed, and that somebody can always administer.

Lowest of the resources, so it knows nothing of sessions, groups or grants: what follows from a deletion elsewhere is done
by those who hear `UserDeleted`. Suspending here changes the status only; ending sessions too is a composition (`actions`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Row, Select, Table, bindparam, func, literal_column, select, union_all
from sqlalchemy import delete as delete_rows
from sqlalchemy import update as update_rows
from sqlalchemy.exc import IntegrityError

from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.announce import announce
from sandbox.foundation.clock import now
from sandbox.foundation.database import as_stored, db, table_of, transaction
from sandbox.foundation.problems import Conflict, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.users.model import Factor, GroupMembership, RoleAssignment, User

ADMINISTRATOR, MEMBER = "administrator", "member"


@dataclass(frozen=True, slots=True)
class AdministratorLeaves:
    """Announced before an active administrator is suspended or deleted or loses the role; who hears it may refuse."""

    user_id: str


class UserView(NamedTuple):
    """A person as shown: the columns, and what is read beside them; in lists, moments are milliseconds since 1970."""

    id: str
    email: str
    name: str
    given_name: str
    family_name: str
    status: str
    type: str
    is_external: bool
    department: str | None
    title: str | None
    manager_id: str | None
    country: str | None
    time_zone: str | None
    auth_method: str
    purpose: str
    must_change_password: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None
    last_active_at: datetime | None
    suspended_at: datetime | None
    deleted_at: datetime | None
    has_verified_domain: bool
    roles: tuple[str, ...]
    mfa_methods: tuple[str, ...]
    mfa_enrolled: bool


@dataclass(frozen=True, slots=True)
class UserDeleted:
    """Announced inside the transaction that deletes a person, so that nothing of theirs outlives them."""

    user_id: str


def use_verified_domains(source: Callable[[], Collection[str]]) -> None:
    """Ask `source` from now on which domains the organization has proven to own."""
    _verified_domains[:] = [source]


def search(**filters: Any) -> Select[User]:
    """Select people; `filters` are those of `UserFilters`. Tombstones come only when asked for."""
    if filters.pop("include", None) != "deleted" and "status" not in filters:
        filters["living"] = True
    return select(User).where(*(_CONDITIONS[name](value) for name, value in filters.items()))


def find(user_id: str) -> User:
    """Find a person by id, tombstones too; raises NotFound."""
    if (user := db.session.get(User, (current_tenant_id(), user_id))) is None:
        raise NotFound(f"There is no user {user_id}.", id=user_id)
    return user


def find_by_email(email: str) -> User | None:
    """Find the living person with this address, however it is capitalized."""
    return db.session.scalars(select(User).where(User.email == email.lower(), User.status != "deleted")).one_or_none()


def present(users: Sequence[User | Row[Any]]) -> list[UserView]:
    """Show people, given whole or as rows of `COLUMNS`; roles and factors of all are read in one statement each."""
    ids = [user.id for user in users]
    roles, methods = _roles_and_factors(ids)
    verified = _verified_domains[0]()
    return [
        UserView._make(
            (
                *_columns_of(user),
                user.email.rpartition("@")[2] in verified,
                tuple(roles.get(user.id, ())),
                tuple(methods.get(user.id, ())),
                user.id in methods,
            )
        )
        for user in users
    ]


def count_active() -> int:
    """Count the people who can sign in; programs are none."""
    people = select(func.count()).select_from(User).where(User.status == "active", User.type == "human")
    return db.session.scalars(people).one()


def factors(user_id: str) -> Select[Factor]:
    """Select a person's second factors; raises NotFound."""
    return select(Factor).where(Factor.user_id == find(user_id).id)


def create(**given: Any) -> User:
    """Add a person, who is a member from the start; raises Conflict for an address that is in use."""
    with transaction() as session:
        user = User(**_checked(given))
        session.add(user)
        _flush(user)
        session.add(RoleAssignment(role_key=MEMBER, user_id=user.id))
        record("user.created", targets=[target_of(user)])
        return user


def update(user_id: str, **given: Any) -> User:
    """Change a profile; what stays the same leaves no trace. Raises NotFound, and Conflict for a tombstone.

    Who has no other user name than the address keeps it so.
    """
    with transaction():
        user = find_living(user_id)
        new = {name: value for name, value in _checked(given).items() if getattr(user, name) != value}
        if not new:
            return user
        changes = [change for name, value in new.items() for change in _changes(name, getattr(user, name), value)]
        if "email" in new and user.user_name == user.email:
            new.setdefault("user_name", new["email"])
        for name, value in new.items():
            setattr(user, name, value)
        user.updated_at = now()
        _flush(user)
        touch()  # Verified tokens are kept with the name and the address of their subject.
        record("user.updated", targets=[target_of(user)], changes=changes)
        return user


def suspend(user_id: str, *, details: dict[str, Any] | None = None) -> bool:
    """Suspend a person, whose tokens fail from the commit on; False if they were suspended already.

    Raises NotFound, and Conflict for a tombstone or the last active administrator. `details` goes to the audit log.
    """
    with transaction():
        touch()  # First, since it queues those who suspend at the same moment: two must not each leave the other.
        user = find_living(user_id)
        if user.status == "suspended":
            return False
        keep_an_administrator(user)
        _move(user, "suspended", action="user.suspended", details=details)
        user.suspended_at = user.updated_at
        return True


def reactivate(user_id: str, *, details: dict[str, Any] | None = None) -> bool:
    """Let a suspended person sign in again; False if they are active. Raises NotFound, and Conflict for any other."""
    with transaction():
        touch()
        user = find_living(user_id)
        if user.status == "active":
            return False
        if user.status != "suspended":
            raise Conflict(f"{user_id} is {user.status}, not suspended.", id=user_id)
        _move(user, "active", action="user.reactivated", details=details)
        user.suspended_at = None
        return True


def activate(user_id: str) -> bool:
    """Let somebody who was invited sign in; False for anybody else. Raises NotFound, and Conflict for a tombstone."""
    with transaction():
        touch()
        user = find_living(user_id)
        if user.status != "staged":
            return False
        _move(user, "active", action="user.updated")
        return True


def delete(user_id: str) -> None:
    """Delete a person: a tombstone remains, the address is free, and nothing that gave access outlives them.

    Deleting a tombstone changes nothing. Raises NotFound, and Conflict for the last active administrator.
    """
    with transaction() as session:
        touch()
        user = find(user_id)
        if user.status == "deleted":
            return
        keep_an_administrator(user)
        for table in (Factor, GroupMembership, RoleAssignment):
            session.execute(delete_rows(table).where(table.user_id == user_id))
        user.password_hash = None
        _move(user, "deleted", action="user.deleted")
        user.deleted_at = user.updated_at
        announce(UserDeleted(user_id))
        revoke_families("user deleted", TokenFamily.user_id == user_id)


def note_change(user_ids: Collection[str]) -> None:
    """Move `updated_at` of people about whom something changed that is kept elsewhere, such as their groups.

    They are locked in one order, so that two who change the same people wait for each other instead of both.
    """
    with transaction() as session:
        theirs = User.id.in_(user_ids)
        session.execute(select(User.id).where(theirs).order_by(User.id).with_for_update())
        session.execute(update_rows(User).where(theirs).values(updated_at=now()))


def mark_login(user: User) -> None:
    """Note that a person signed in; a sign-in is no change of the profile."""
    with transaction():
        user.last_login_at = user.last_active_at = now()


def find_living(user_id: str) -> User:
    """Find a person who is not deleted; raises NotFound, and Conflict for a tombstone."""
    if (user := find(user_id)).status == "deleted":
        raise Conflict(f"{user_id} is deleted; only a tombstone remains.", id=user_id)
    return user


def hold(user_id: str) -> User:
    """Find a living person and queue behind whoever is changing them at this moment; raises NotFound and Conflict."""
    db.session.get(User, (current_tenant_id(), user_id), with_for_update=True)
    return find_living(user_id)


def keep_an_administrator(leaving: User) -> None:
    """Make sure that somebody else can administer when this person no longer does; raises Conflict otherwise."""
    active = select(User.id).join(RoleAssignment, RoleAssignment.user_id == User.id)
    active = active.where(RoleAssignment.role_key == ADMINISTRATOR, User.status == "active")
    administrators = set(db.session.scalars(active))
    if leaving.id in administrators:
        announce(AdministratorLeaves(leaving.id))
    if administrators == {leaving.id}:
        raise Conflict(
            f"{leaving.id} is the last active administrator; give the role to somebody else first.", id=leaving.id
        )


def target_of(user: User) -> Target:
    """Name a person as the audit log names what was acted on."""
    return ("user", user.id, user.name)


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """Bring address and user name to lower case, and make sure that the manager exists."""
    if (manager_id := given.get("manager_id")) is not None:
        manager = db.session.get(User, (current_tenant_id(), manager_id))
        if manager is None or manager.status == "deleted":
            detail = f"there is no user {manager_id}"
            raise InvalidRequest("Name a manager who exists.", errors=[{"pointer": "/manager_id", "detail": detail}])
    return given | {name: given[name].lower() for name in ("email", "user_name") if name in given}


def _changes(name: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """Tell a change as the log tells it: of what a directory says, each attribute for itself."""
    if name != "directory":
        return [(name, old, new)]
    old, new = old or {}, new or {}
    names = sorted(part for part in old.keys() | new.keys() if old.get(part) != new.get(part))
    return [(f"directory.{part}", old.get(part), new.get(part)) for part in names]


def _flush(user: User) -> None:
    """Write now: the database itself decides whether the address is free, also between two who ask at once."""
    email = user.email  # A failed flush leaves nothing to read.
    has_own_name = vars(user).get("user_name") not in {None, email}
    try:
        db.session.flush()
    except IntegrityError as error:
        if has_own_name and "user_name" in str(error.orig):
            detail = "somebody else has this user name"
            raise Conflict(
                "The user name is in use; every name belongs to one living person.",
                errors=[{"pointer": "/user_name", "detail": detail}],
            ) from None
        detail = "somebody else has this address"
        raise Conflict(
            f"{email} is in use; every address belongs to one living person.",
            errors=[{"pointer": "/email", "detail": detail}],
        ) from None


def _move(user: User, status: str, *, action: str, details: dict[str, Any] | None = None) -> None:
    changes = [("status", user.status, status)]
    user.status, user.updated_at = status, now()
    record(action, targets=[target_of(user)], changes=changes, details=details)


def _roles_and_factors(ids: Collection[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Read the roles, and the kinds of factors, of some people in one statement, in order."""
    found: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    parameters = {"tenant": current_tenant_id(), "ids": ids}
    for kind, owner, value in db.session.execute(_ROLES_AND_FACTORS, parameters):
        found[kind].setdefault(owner, []).append(value)
    return found


def _values(kind: str, table: Table, value: Column[str]) -> Select[Any]:
    theirs = table.c.user_id.in_(bindparam("ids", expanding=True)), table.c.tenant_id == bindparam("tenant")
    return select(literal_column(kind), table.c.user_id, value).where(*theirs).distinct()


# Of tables, not models, and made once: it runs for every list of people.
_ROLES, _FACTORS = table_of(RoleAssignment), table_of(Factor)
_ROLES_AND_FACTORS = union_all(
    _values("0", _ROLES, _ROLES.c.role_key), _values("1", _FACTORS, _FACTORS.c.type)
).order_by(literal_column("3"))
_verified_domains: list[Callable[[], Collection[str]]] = [tuple]

COLUMNS = tuple(as_stored(getattr(User, name)) for name in UserView._fields if hasattr(User, name))
_attributes = attrgetter(*(column.key for column in COLUMNS))


def _columns_of(user: User | Row[Any]) -> tuple[Any, ...]:
    return user[:] if isinstance(user, Row) else _attributes(user)


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "living": lambda _: User.status != "deleted",
    "status": lambda status: User.status == status,
    "email": lambda email: User.email == email.lower(),
    "is_external": lambda is_external: User.is_external == is_external,
    "purpose": lambda purpose: User.purpose == purpose,
    "updated_since": lambda moment: User.updated_at >= moment,
    "role": lambda key: User.id.in_(select(RoleAssignment.user_id).where(RoleAssignment.role_key == key)),
    "group_id": lambda group_id: User.id.in_(
        select(GroupMembership.user_id).where(GroupMembership.group_id == group_id)
    ),
}
