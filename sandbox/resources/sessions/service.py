"""The rules of sign-in sessions: how they start, what keeps them alive, and that ending one ends its tokens too.

A session lives while it is used: each use moves `expires_at` on by the idle limit, never beyond the absolute one. Both are
business time; `app.py` plugs in where they come from. A browser that signs in again for the same person gets another
session: the former is over, and what came of it ends with the latter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from sandbox.access.client import hash_secret
from sandbox.access.token import TokenFamily, revoke_families
from sandbox.foundation.actor import Party, current_actor
from sandbox.foundation.announce import announce
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.resources.audit_events.service import record
from sandbox.resources.sessions.model import Session
from sandbox.resources.users.model import User
from sandbox.resources.users.service import UserDeleted
from sandbox.resources.users.service import find as find_user

NOTICED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without use, and at most."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """Announced inside the transaction that ends a session, whoever ended it; running out of time is no such end.

    Nor is being replaced by another one of the same person: that is announced with the end of the last of them.
    """

    session_id: str
    user_id: str


def use_lifetime(source: Callable[[], Lifetime]) -> None:
    """Ask `source` for the limits from now on; it is asked each time, so they may differ by tenant."""
    _lifetime[:] = [source]


def search(**filters: Any) -> Select[Session]:
    """Select sessions; `filters` are `user_id` and `status`."""
    rows = select(Session)
    if (status := filters.pop("status", None)) is not None:
        rows = rows.where(_in_status(status))
    return rows.filter_by(**filters)


def find(session_id: str) -> Session:
    """Find a session by id; raises NotFound."""
    if (session := db.session.get(Session, (current_tenant_id(), session_id))) is None:
        raise NotFound(f"There is no session {session_id}.", id=session_id)
    return session


def of_user(user_id: str) -> Select[Session]:
    """Select a person's sessions; raises NotFound."""
    return search(user_id=find_user(user_id).id)


def start(user: User, *, auth_method: str, mfa: bool) -> tuple[Session, str]:
    """Start a session for the browser of the current actor; gives it with the cookie's value, which is kept as a hash."""
    source, lifetime, cookie = current_actor().source, _lifetime[0](), new_secret()
    with transaction() as database:
        session = Session(
            user_id=user.id,
            expires_at=now() + min(lifetime.idle, lifetime.absolute),
            ip=source.ip,
            user_agent=source.user_agent,
            geo=source.geo,
            network=source.network,
            auth_method=auth_method,
            mfa=mfa,
            cookie_hash=hash_secret(cookie),
        )
        database.add(session)
        database.flush()
    return session, cookie


def find_active(cookie: str) -> Session | None:
    """Find the living session of a cookie's value, if its person is active; being found counts as use.

    Use from another network or browser than before is recorded, once for each change.
    """
    living = select(Session).join(User, User.id == Session.user_id).where(User.status == "active")
    session = db.session.scalars(
        living.where(Session.cookie_hash == hash_secret(cookie), _in_status("active"))
    ).one_or_none()
    if session is None or _ends_at(session, _lifetime[0]()) <= now():
        return None
    if _moved(session):
        _notice_move(session.id)
    if now() - session.last_active_at >= NOTICED_AFTER:
        _notice_use(session.id)
    return session


def replace(former: Session, by: Session) -> None:
    """End the session that a browser had before the present one, as its cookie is gone and nobody could sign it out.

    Tokens and clients of it belong to the present one from now on, at the level that they have. They end at once if that is
    somebody else's: who signs in on a browser signs the person before out.
    """
    if former.user_id != by.user_id:
        revoke(former, "somebody else signed in")
        return
    with transaction() as database:
        alive = update(Session).where(Session.id == former.id, Session.revoked_at.is_(None))
        if not database.execute(alive.values(revoked_at=now())).rowcount:  # type: ignore[attr-defined]
            return
        by.lineage = former.lineage or former.id
        record("session.revoked", targets=_targets(former), details={"reason": "signed in again"})


def latest(session: Session) -> Session:
    """Find the session that a browser has instead of one that was replaced; any other one is its own latest."""
    after = select(Session).where(Session.lineage == (session.lineage or session.id), Session.revoked_at.is_(None))
    return db.session.scalars(after).one_or_none() or session


def revoke(session: Session, reason: str) -> bool:
    """End a session and every token that came of it, from the next request on; False if it had ended already."""
    with transaction():
        touch()  # First, since it queues those who end it at the same moment: one of them does.
        session = find(session.id)
        if session.status != "active":
            return False
        _end(session, reason, "session.revoked", {"reason": reason})
        return True


def revoke_all(user_id: str, reason: str) -> int:
    """End all sessions of a person; tells how many were alive."""
    with transaction():
        living = db.session.scalars(search(user_id=user_id, status="active").order_by(Session.id)).all()
        return sum(revoke(session, reason) for session in living)


def sign_out(session: Session) -> None:
    """End a session at its person's own wish: the log tells it from a revocation."""
    with transaction():
        session = find(session.id)
        if session.status == "active":
            _end(session, "signed out", "auth.logout")


def on_user_deleted(fact: UserDeleted) -> None:
    """End the sessions of somebody who was deleted."""
    revoke_all(fact.user_id, "user deleted")


def _end(session: Session, reason: str, action: str, details: dict[str, Any] | None = None) -> None:
    """End a session with all that came of it, and of those that it replaced; recorded as `action`."""
    session.revoked_at = now()
    line = _line(session)
    revoke_families(reason, TokenFamily.session_id.in_(line))
    record(action, targets=_targets(session), details=details)
    for session_id in line:
        announce(SessionEnded(session_id, session.user_id))


def _line(session: Session) -> list[str]:
    """List a session and those that it replaced."""
    if session.lineage is None:
        return [session.id]
    line = select(Session.id).where(or_(Session.id == session.lineage, Session.lineage == session.lineage))
    return list(db.session.scalars(line.order_by(Session.id)))


def _notice_use(session_id: str) -> None:
    """Write use down at most once a minute, since every page would otherwise wait for a write."""
    with transaction():
        session, lifetime = find(session_id), _lifetime[0]()
        find_user(session.user_id).last_active_at = session.last_active_at = now()
        session.expires_at = _ends_at(session, lifetime)


def _moved(session: Session) -> list[str]:
    """Tell what is different about the place of the present use; what is not known is not different.

    An address that changes within one network is none: telephones get others all the time.
    """
    here = current_actor().source
    same_network = session.network == here.network if session.network and here.network else session.ip == here.ip
    compared = (
        ("network", bool(session.ip and here.ip) and not same_network),
        ("browser", bool(session.user_agent and here.user_agent) and session.user_agent != here.user_agent),
    )
    return [sign for sign, is_different in compared if is_different]


def _notice_move(session_id: str) -> None:
    """Record that a session is used elsewhere, which is its place from now on."""
    with transaction():
        touch()  # First, since it queues those who notice at the same moment: one of them does.
        session, here = find(session_id), current_actor().source
        db.session.refresh(session)
        if not (signs := _moved(session)):
            return
        new = {"ip": here.ip, "user_agent": here.user_agent, "geo": here.geo, "network": here.network}
        changes = [
            (name, getattr(session, name), value) for name, value in new.items() if getattr(session, name) != value
        ]
        for name, value in new.items():
            setattr(session, name, value)
        person = find_user(session.user_id)
        acting = replace_fields(
            current_actor(), party=Party("user", person.id, person.name, person.email), session_id=session.id
        )
        targets, details = _targets(session), {"signs": signs}
        record("session.context_changed", targets=targets, changes=changes, details=details, actor=acting)


def _ends_at(session: Session, lifetime: Lifetime) -> datetime:
    """Tell when a session ends if nobody uses it any more, by the limits of today: shorter ones count at once."""
    return min(session.last_active_at + lifetime.idle, session.created_at + lifetime.absolute)


def _in_status(status: str) -> ColumnElement[bool]:
    if status == "revoked":
        return Session.revoked_at.is_not(None)
    moment: datetime = now()
    due = Session.expires_at > moment if status == "active" else Session.expires_at <= moment
    return and_(Session.revoked_at.is_(None), due)


def _targets(session: Session) -> list[tuple[str, str | None, str | None]]:
    person = find_user(session.user_id)
    return [("session", session.id, None), ("user", person.id, person.name)]


_lifetime: list[Callable[[], Lifetime]] = [Lifetime]
