"""Writing: live events at the end of the log, and a whole history as sealed blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import zstandard
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from sandbox.foundation.clock import from_wire, now, to_wire
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.chain import Draft, Link, link, linked
from sandbox.resources.audit_events.storage import BLOCK_EVENTS, BLOCKS, HEADS, LIVE, SEALED, Head


def append(session: Session, drafts: Sequence[Draft]) -> None:
    """Put drafts at the end of the log: the last statements of a transaction.

    Taking the head row (`SELECT … FOR UPDATE`; SQLite holds its one writer already) makes appenders queue until commit,
    so that no event ever becomes visible behind a position that a reader has passed.
    """
    session.flush()
    mine = HEADS.c.tenant_id == current_tenant_id()
    sequence, previous, latest = session.execute(
        select(HEADS.c.sequence, HEADS.c.hash, HEADS.c.ingested_at).where(mine).with_for_update()
    ).one()
    ingested_at = max(latest, now())
    rows = []
    for sequence, drafted in enumerate(drafts, sequence + 1):  # noqa: B020 - counts on from the head
        placed = link(drafted, previous, sequence, to_wire(ingested_at))
        previous = placed.hash
        rows.append({"tenant_id": current_tenant_id(), "body": placed.body.decode(), **_narrow(drafted, placed)})
        rows[-1]["ingested_at"] = ingested_at
    session.execute(insert(LIVE), rows)
    session.execute(update(HEADS).where(mine).values(sequence=sequence, hash=previous, ingested_at=ingested_at))


def seal_history(session: Session, history_id: str, events: Iterable[Mapping[str, Any]]) -> int:
    """Write an immutable history, in log order, in blocks of `BLOCK_EVENTS`; tells how many events it has."""
    count = 0
    pairs = _stamped(events)
    while block := list(islice(pairs, BLOCK_EVENTS)):
        narrow = [
            {"history_id": history_id, "ingested_at": from_wire(ingested_at), **_narrow(drafted, placed)}
            for drafted, placed, ingested_at in block
        ]
        session.execute(insert(SEALED), narrow)
        frame = zstandard.ZstdCompressor(level=3).compress(b"\n".join(placed.body for _, placed, _ in block))
        first = block[0][1].sequence
        row = {
            "history_id": history_id,
            "first": first,
            "count": len(block),
            "last_hash": block[-1][1].hash,
            "data": frame,
        }
        session.execute(insert(BLOCKS), [row])
        count += len(block)
    return count


def open_log(session: Session, history_id: str | None) -> None:
    """Begin the present tenant's log behind a sealed history, or empty; live events from before are gone."""
    tenant_id = current_tenant_id()
    session.execute(delete(LIVE).where(LIVE.c.tenant_id == tenant_id))
    session.execute(delete(HEADS).where(HEADS.c.tenant_id == tenant_id))
    start = {"tenant_id": tenant_id, "ingested_at": now()}
    if history_id is not None:
        end = end_of_history(session, history_id)
        start |= {"sequence": end.sequence, "hash": end.hash, "ingested_at": end.ingested_at}
        start |= {"history_id": history_id, "sealed": end.sealed}
    session.execute(insert(HEADS).values(**start))


def end_of_history(session: Session, history_id: str) -> Head:
    """Tell where a sealed history ends."""
    last = select(BLOCKS.c.first + BLOCKS.c.count - 1, BLOCKS.c.last_hash).where(BLOCKS.c.history_id == history_id)
    sequence, hash_ = session.execute(last.order_by(BLOCKS.c.first.desc()).limit(1)).one()
    when = select(SEALED.c.ingested_at).where(SEALED.c.history_id == history_id, SEALED.c.sequence == sequence)
    return Head(sequence, hash_, session.execute(when).scalar_one(), history_id, sequence)


def _stamped(events: Iterable[Mapping[str, Any]]) -> Any:
    """Pair each linked event with its time of visibility."""
    times: list[str] = []

    def remembering() -> Any:
        for event in events:
            times.append(event["ingested_at"])
            yield event

    for drafted, placed in linked(remembering()):
        yield drafted, placed, times.pop()


def _narrow(drafted: Draft, placed: Link) -> dict[str, Any]:
    return {
        "sequence": placed.sequence,
        "occurred_at": drafted.occurred_at,
        "action": drafted.action,
        "outcome": drafted.outcome,
        "actor_id": drafted.actor_id,
    }
