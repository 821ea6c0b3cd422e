"""The rules of grants: a person allows an app something, more of it later, or no longer.

Every token that came of a grant belongs to a family that names it, so withdrawing the grant ends all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from sandbox.access.client import Client
from sandbox.access.scopes import parse_scope, write_scope
from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.grants.model import Grant
from sandbox.resources.users.service import UserDeleted
from sandbox.resources.users.service import find as find_user


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


def count_users(app_ids: Sequence[str]) -> Mapping[str, int]:
    """Count the people who allow each of some apps something, in one statement; those with none are left out."""
    active = select(Grant.app_id, func.count()).where(Grant.status == "active", Grant.app_id.in_(app_ids))
    return dict(db.session.execute(active.group_by(Grant.app_id)).all())


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
        grant.scope = write_scope(former | scopes)
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
