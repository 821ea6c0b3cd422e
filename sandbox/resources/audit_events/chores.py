"""What the log has for the housekeeper: events that become visible, and events that are old enough to go."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.foundation.housekeeper import Chore
from sandbox.resources.audit_events.retention import PAUSE, move_floor, sweep
from sandbox.resources.audit_events.seal import release
from sandbox.resources.audit_events.storage import HEADS


def _next_visible() -> list[tuple[str, datetime]]:
    waiting = select(HEADS.c.tenant_id, HEADS.c.due_at).where(HEADS.c.due_at.is_not(None))
    return [(tenant_id, due_at) for tenant_id, due_at in db.session.execute(waiting)]


def _next_expired() -> list[tuple[str, datetime]]:
    kept = select(HEADS.c.tenant_id, HEADS.c.oldest_at, HEADS.c.keep_days).where(HEADS.c.oldest_at.is_not(None))
    return [
        (tenant_id, oldest_at + timedelta(days=days) + PAUSE) for tenant_id, oldest_at, days in db.session.execute(kept)
    ]


def _expire() -> None:
    move_floor()
    sweep()


CHORES = (
    Chore("delayed events", _next_visible, release),
    Chore("retention of events", _next_expired, _expire),
)
