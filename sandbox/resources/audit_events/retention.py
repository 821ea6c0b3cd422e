"""Retention: events that were visible for as long as the tenant keeps them go, and the chain begins behind them.

First the floor moves, with the hash of the last event below it as the anchor from which the rest can still be verified;
then rows below it are deleted, a while later, since somebody may be reading them. History is shared among tenants and never
deleted: there only the floor moves.
"""

from __future__ import annotations

from datetime import timedelta

import orjson
from sqlalchemy import delete, select, update

from sandbox.foundation.clock import from_wire, now
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.chain import hash_of
from sandbox.resources.audit_events.storage import HEAD_COLUMNS, HEADS, LIVE, Head, fetch, floor_of, read_head

AT_MOST = 5_000
LINGER = timedelta(minutes=1)
PAUSE = timedelta(hours=1)
"""An event may stay below the floor for this long, so that a housekeeper need not come for each of them."""


def keep_for(days: int) -> None:
    """Keep events for so many days from now on; what is gone does not come back."""
    with transaction() as session:
        session.execute(update(HEADS).where(HEADS.c.tenant_id == current_tenant_id()).values(keep_days=days))


def move_floor() -> None:
    """Move the floor up to the first event that is kept, with its anchor; no event is deleted yet."""
    with transaction() as session:
        mine = HEADS.c.tenant_id == current_tenant_id()
        head = Head(*session.execute(select(*HEAD_COLUMNS).where(mine).with_for_update()).one())
        if (floor := floor_of(head)) <= head.floor:
            return
        ((_, last),) = fetch(head, [floor])
        oldest_at = None
        if floor < head.sequence:
            ((_, first),) = fetch(head, [floor + 1])
            oldest_at = from_wire(orjson.loads(first)["ingested_at"])
        session.execute(update(HEADS).where(mine).values(floor=floor, floor_hash=hash_of(last), oldest_at=oldest_at))


def sweep() -> int:
    """Delete live rows below the floor that nobody can still be reading; tells how many."""
    head = read_head()
    unread = now() - timedelta(days=head.keep_days) - LINGER
    mine = (LIVE.c.tenant_id == current_tenant_id(), LIVE.c.sequence <= head.floor, LIVE.c.ingested_at < unread)
    swept = 0
    while True:
        with transaction() as session:
            some = session.scalars(select(LIVE.c.sequence).where(*mine).order_by(LIVE.c.sequence).limit(AT_MOST)).all()
            if some:
                session.execute(delete(LIVE).where(*mine, LIVE.c.sequence <= some[-1]))
        swept += len(some)
        if len(some) < AT_MOST:
            return swept
