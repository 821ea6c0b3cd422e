"""The queue of events that have happened and are not visible yet, as with vendors whose pipelines take their time.

They have no place in the log until they are due: sequence, `ingested_at` and hash come with visibility, so that a reader
who follows the feed meets them like any other event. The head row knows when the next one is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from sandbox.foundation.database import table_of
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.chain import Draft
from sandbox.resources.audit_events.model import DelayedEvent
from sandbox.resources.audit_events.storage import HEADS

_WAITING = table_of(DelayedEvent)


class Delay(NamedTuple):
    """How long events wait: those whose action or category is named, or all of them if nothing is."""

    by: timedelta
    names: frozenset[str]


_delay: ContextVar[Delay | None] = ContextVar("delay", default=None)


@contextmanager
def delaying(by: timedelta, *names: str) -> Iterator[None]:
    """Let events that are recorded in the block become visible that much later; `names` are actions or categories."""
    token = _delay.set(Delay(by, frozenset(names)))
    try:
        yield
    finally:
        _delay.reset(token)


def delay_of(action: str, category: str) -> timedelta | None:
    """Tell how long an event of this action waits; None if it does not."""
    delay = _delay.get()
    if delay is None or (delay.names and delay.names.isdisjoint((action, category))):
        return None
    return delay.by


def postpone(session: Session, waiting: Sequence[tuple[Draft, datetime]]) -> None:
    """Put drafts into the queue, each with the business time at which it becomes visible."""
    session.flush()
    tenant_id, batch = current_tenant_id(), new_id("dly")
    rows = [
        {
            "tenant_id": tenant_id,
            "batch": batch,
            "position": position,
            "due_at": due_at,
            "before": drafted.before.decode(),
            "behind": drafted.behind.decode(),
            "occurred_at": drafted.occurred_at,
            "action": drafted.action,
            "outcome": drafted.outcome,
            "actor_id": drafted.actor_id,
        }
        for position, (drafted, due_at) in enumerate(waiting)
    ]
    session.execute(insert(_WAITING), rows)
    session.execute(_NOTE, {"tenant": tenant_id, "soonest": min(due_at for _, due_at in waiting)})


_SOONEST = bindparam("soonest", type_=HEADS.c.due_at.type)
_NOTE = (
    update(HEADS)
    .where(HEADS.c.tenant_id == bindparam("tenant"))
    .values(due_at=case((or_(HEADS.c.due_at.is_(None), HEADS.c.due_at > _SOONEST), _SOONEST), else_=HEADS.c.due_at))
)


def take_due(session: Session, moment: datetime) -> tuple[list[Draft], datetime | None]:
    """Take out of the queue what is due, in the order in which it became so; tell when the next is. The head is locked."""
    mine = _WAITING.c.tenant_id == current_tenant_id()
    taken = session.execute(delete(_WAITING).where(mine, _WAITING.c.due_at <= moment).returning(_WAITING))
    drafts = [
        Draft(row.before.encode(), row.behind.encode(), row.occurred_at, row.action, row.outcome, row.actor_id)
        for row in sorted(taken, key=lambda row: (row.due_at, row.batch, row.position))
    ]
    return drafts, next_due(session)


def next_due(session: Session) -> datetime | None:
    """Tell when the next event of the queue becomes visible."""
    mine = _WAITING.c.tenant_id == current_tenant_id()
    moment: datetime | None = session.scalar(select(func.min(_WAITING.c.due_at)).where(mine))
    return moment
