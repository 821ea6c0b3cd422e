"""The rules of grants: a person allows an app something, more of it later, or no longer.

Every token that came of a grant belongs to a family that names it, so withdrawing the grant ends all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from sandbox.access.client import Client
from sandbox.access.scopes import parse_scope, write_scope
from sandbox.access.token import TokenFamily, revoke_families
from sandbox.access.use import GrantUsed
from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.grants.model import Grant
from sandbox.resources.users.service import UserDeleted
from sandbox.resources.users.service import find as find_user


@dataclass(frozen=True, slots=True)
class Usage:
    """How an app is used: by how many people, whether imposed by an administrator, when last allowed and used."""

    users: int
    is_admin_consented: bool
    last_authorized_at: datetime
    last_used_at: datetime | None


def search(**filters: Any) -> Select[Grant]:
    """Select grants; `filters` are those of `GrantFilters`."""
    return select(Grant).filter_by(**filters)


def find(grant_id: str) -> Grant:
    """Find a grant by id; raises NotFound."""
    if (grant := db.session.get(Grant, (current_tenant_id(), grant_id))) is None:
        raise NotFound(f"There is no grant {grant_id}.", id=grant_id)
    return grant


def find_active(user_id: str, app_id: str) -> Grant | None:
    """Find what a person allows an app at present."""
    return db.session.scalars(search(user_id=user_id, app_id=app_id, status="active")).one_or_none()


def of_user(user_id: str) -> Select[Grant]:
    """Select what a person allowed, and no longer allows; raises NotFound."""
    return search(user_id=find_user(user_id).id)


def usage(app_ids: Sequence[str]) -> Mapping[str, Usage]:
    """Tell how each of some apps is used, in one statement; those that nobody ever allowed anything are left out."""
    is_active = Grant.status == "active"
    told = select(
        Grant.app_id,
        func.count().filter(is_active),
        func.count().filter(is_active, Grant.type == "admin"),
        func.max(Grant.last_authorized_at),
        func.max(Grant.last_used_at),
    )
    rows = db.session.execute(told.where(Grant.app_id.in_(app_ids)).group_by(Grant.app_id))
    return {app_id: Usage(users, bool(imposed), granted, used) for app_id, users, imposed, granted, used in rows}


def on_grant_used(fact: GrantUsed) -> None:
    """Write down that scopes were used; left to the next minute where somebody is changing the grant at this moment."""
    with transaction() as session:
        row = select(Grant).where(Grant.id == fact.grant_id).with_for_update(skip_locked=True)
        if (grant := session.scalars(row).one_or_none()) is not None:
            grant.last_used_at = now()
            grant.uses = {**grant.uses, **dict.fromkeys(fact.scopes, to_wire(grant.last_used_at))}


def record_consent(user_id: str, client: Client, scopes: frozenset[str]) -> Grant:
    """Write down that a person allows a client's app these scopes, beside what they allowed before.

    The client must stand for an app: `apps.service.for_client` sees to that. Raises NotFound and ValueError.
    """
    if client.app_id is None:
        raise ValueError(f"The client {client.id} stands for no app; call apps.service.for_client first.")
    with transaction() as session:
        touch()  # First, since it queues those who consent at the same moment: one grant holds it all.
        grant = find_active(find_user(user_id).id, client.app_id)
        former = parse_scope(grant.scope) if grant else frozenset[str]()
        if grant is not None and scopes <= former:
            return grant
        if grant is None:
            grant = Grant(user_id=user_id, app_id=client.app_id)
            session.add(grant)
        grant.scope, grant.last_authorized_at = write_scope(former | scopes), now()
        session.flush()
        changes = [("scopes", write_scope(former).split(), grant.scopes)]
        record("oauth.grant.created", targets=_targets(grant, client.name), changes=changes)
        return grant


def revoke(grant_id: str, *, reason: str, details: dict[str, Any] | None = None) -> bool:
    """Withdraw a grant and end every token that came of it; False if it was withdrawn before. Raises NotFound."""
    with transaction():
        touch()
        grant = find(grant_id)
        if grant.status != "active":
            return False
        grant.status, grant.revoked_at = "revoked", now()
        revoke_families(reason, TokenFamily.grant_id == grant.id)
        record("oauth.grant.revoked", targets=_targets(grant), details={"reason": reason, **(details or {})})
        return True


def on_user_deleted(fact: UserDeleted) -> None:
    """Withdraw what a deleted person had allowed."""
    active = search(user_id=fact.user_id, status="active").order_by(Grant.id)
    for grant in db.session.scalars(active).all():
        revoke(grant.id, reason="user deleted")


def _targets(grant: Grant, app_name: str | None = None) -> list[Target]:
    person = find_user(grant.user_id)
    return [("grant", grant.id, None), ("app", grant.app_id, app_name), ("user", person.id, person.name)]
