"""The rules of service accounts: each is a user of the type `service`, and somebody alive answers for it.

So whatever holds for people holds for them at once: roles give them rights, suspending the user stops every token, and the
log names them like anybody who acts. A new account has no role, and with that may do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.problems import InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.service_accounts.model import ServiceAccount
from sandbox.resources.users import service as users
from sandbox.resources.users.model import RoleAssignment, User

_STATUS = {"active": "enabled"}


@dataclass(frozen=True, slots=True)
class ServiceAccountView:
    """A service account as shown: with what its user says of it."""

    id: str
    user_id: str
    name: str
    type: str
    description: str
    status: str
    owner_id: str | None
    owner_status: str | None
    roles: list[str]
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime | None


def search(*, status: str | None = None, **filters: Any) -> Select[ServiceAccount]:
    """Select service accounts; `filters` are those of `ServiceAccountFilters`."""
    rows = select(ServiceAccount).filter_by(**filters)
    if status is None:
        return rows
    active = User.status == "active"
    return rows.where(ServiceAccount.user_id.in_(select(User.id).where(active if status == "enabled" else ~active)))


def find(account_id: str) -> ServiceAccount:
    """Find a service account by id; raises NotFound."""
    if (account := db.session.get(ServiceAccount, (current_tenant_id(), account_id))) is None:
        raise NotFound(f"There is no service account {account_id}.", id=account_id)
    return account


def present(accounts: Sequence[ServiceAccount]) -> list[ServiceAccountView]:
    """Show service accounts, with users and roles of all of them read in one statement each."""
    ids = [account.user_id for account in accounts]
    owners = [account.owner_id for account in accounts if account.owner_id]
    identities = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_([*ids, *owners])))}
    held = select(RoleAssignment).where(RoleAssignment.user_id.in_(ids)).order_by(RoleAssignment.role_key)
    roles: dict[str, list[str]] = {}
    for assignment in db.session.scalars(held):
        roles.setdefault(assignment.user_id, []).append(assignment.role_key)
    return [
        _view(
            account,
            identities[account.user_id],
            owner=identities[account.owner_id] if account.owner_id else None,
            roles=roles.get(account.user_id, []),
        )
        for account in accounts
    ]


def create(*, name: str, **given: Any) -> ServiceAccount:
    """Add a service account without any role; raises InvalidRequest for an owner who is no living person."""
    with transaction() as session:
        _check_owner(given)
        account_id = new_id("svc")
        address = f"{account_id}@services.{current_tenant_id()}.example"
        session.add(user := User(email=address, name=name, type="service", auth_method="password"))
        session.flush()
        session.add(account := ServiceAccount(id=account_id, user_id=user.id, **given))
        record("user.created", targets=_targets(account, user))
        return account


def update(
    account_id: str, *, expecting: Callable[[ServiceAccountView], None] = lambda _: None, **given: Any
) -> ServiceAccount:
    """Change a service account; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, InvalidRequest.
    """
    with transaction():
        touch()  # First, since it queues those who change it at the same moment; tokens are kept with the name.
        account = find(account_id)
        expecting(present([account])[0])
        _check_owner(given)
        user = users.find(account.user_id)
        holders = {name: user if name == "name" else account for name in given}
        old = {name: getattr(holder, name) for name, holder in holders.items()}
        changes = [(name, old[name], value) for name, value in given.items() if old[name] != value]
        if changes:
            for name, _, value in changes:
                setattr(holders[name], name, value)
            account.updated_at = user.updated_at = now()
            record("user.updated", targets=_targets(account, user), changes=changes)
        return account


def delete(account_id: str) -> None:
    """Delete a service account: its user becomes a tombstone, and its tokens end at once; raises NotFound, Conflict."""
    users.delete(find(account_id).user_id)


def on_user_deleted(fact: users.UserDeleted) -> None:
    """Forget the account of a user that was deleted; one whose owner is gone keeps the name, for somebody to notice."""
    for account in db.session.scalars(select(ServiceAccount).where(ServiceAccount.user_id == fact.user_id)):
        db.session.delete(account)


def target_of(account: ServiceAccount) -> Target:
    """Name a service account as the audit log names what was acted on."""
    return ("service_account", account.id, users.find(account.user_id).name)


def _check_owner(given: dict[str, Any]) -> None:
    if (owner_id := given.get("owner_id")) is None:
        return
    owner = db.session.get(User, (current_tenant_id(), owner_id))
    if owner is None or owner.status == "deleted" or owner.type != "human":
        detail = f"there is no person {owner_id}"
        raise InvalidRequest("Name an owner who exists.", errors=[{"pointer": "/owner_id", "detail": detail}])


def _targets(account: ServiceAccount, user: User) -> list[Target]:
    return [("service_account", account.id, user.name), users.target_of(user)]


def _view(account: ServiceAccount, user: User, *, owner: User | None, roles: list[str]) -> ServiceAccountView:
    return ServiceAccountView(
        id=account.id,
        user_id=account.user_id,
        name=user.name,
        type=account.type,
        description=account.description,
        status=_STATUS.get(user.status, "disabled"),
        owner_id=account.owner_id,
        owner_status=owner.status if owner else None,
        roles=roles,
        created_at=account.created_at,
        updated_at=max(account.updated_at, user.updated_at),
        last_used_at=user.last_active_at,
    )
