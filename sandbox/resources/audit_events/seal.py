"""Writing: live events at the end of the log, and a whole history as sealed blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import zstandard
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from sandbox.foundation.announce import announce
from sandbox.foundation.clock import from_wire, now, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.bulk import loading
from sandbox.resources.audit_events.chain import Draft, link, link_text
from sandbox.resources.audit_events.delay import next_due, take_due
from sandbox.resources.audit_events.model import GENESIS
from sandbox.resources.audit_events.storage import BLOCK_EVENTS, BLOCKS, HEADS, LIVE, SEALED

Line = tuple[bytes, int, int, str, str, str | None]


@dataclass(frozen=True, slots=True)
class EventsVisible:
    """Announced in the transaction in which events become visible, where somebody watches: (sequence, action) of each."""

    events: tuple[tuple[int, str], ...]


def watch(is_watched: Callable[[], bool]) -> None:
    """Announce from now on what becomes visible in the present tenant, or no longer. In a transaction.

    It is asked once the head is ours: of two who change at once, the second sees what the first has done.
    """
    mine = HEADS.c.tenant_id == current_tenant_id()
    db.session.execute(select(HEADS.c.sequence).where(mine).with_for_update())
    db.session.execute(update(HEADS).where(mine).values(is_watched=is_watched()))


def append(session: Session, drafts: Sequence[Draft]) -> None:
    """Put drafts at the end of the log: the last statements of a transaction. Delayed events that are due go before them.

    Taking the head row (`SELECT … FOR UPDATE`; SQLite holds its one writer already) makes appenders queue until commit,
    so that no event ever becomes visible behind a position that a reader has passed.
    """
    session.flush()
    tenant_id, moment = current_tenant_id(), now()
    sequence, previous, latest, due_at, is_watched = _TAKE.one(tenant=tenant_id)
    if due_at is not None and due_at <= moment:
        late, due_at = take_due(session, moment)
        drafts = [*late, *drafts]
    ingested_at = max(latest, moment) if drafts else latest
    rows = []
    for sequence, drafted in enumerate(drafts, sequence + 1):  # noqa: B020 - counts on from the head
        placed = link(drafted, previous, sequence, to_wire(ingested_at))
        previous = placed.hash
        row = {
            "tenant_id": tenant_id,
            "sequence": sequence,
            "occurred_at": from_wire(drafted.occurred_at),
            "ingested_at": ingested_at,
            "action": drafted.action,
            "outcome": drafted.outcome,
            "actor_id": drafted.actor_id,
            "body": placed.body.decode(),
        }
        rows.append(row)
    _APPEND.run(*rows)
    head = {"tenant": tenant_id, "new_sequence": sequence, "new_hash": previous, "new_ingested_at": ingested_at}
    _ADVANCE.run({**head, "new_due_at": due_at, "new_oldest_at": ingested_at if rows else None})
    if is_watched and rows:
        announce(EventsVisible(tuple((row["sequence"], row["action"]) for row in rows)))


# These run for every change and every token.
_MINE = HEADS.c.tenant_id == bindparam("tenant")
_TAKE = Prepared(
    select(HEADS.c.sequence, HEADS.c.hash, HEADS.c.ingested_at, HEADS.c.due_at, HEADS.c.is_watched)
    .where(_MINE)
    .with_for_update()
)
_APPEND = Prepared(insert(LIVE))
_ADVANCE = Prepared(
    update(HEADS)
    .where(_MINE)
    .values(
        sequence=bindparam("new_sequence"),
        hash=bindparam("new_hash"),
        ingested_at=bindparam("new_ingested_at"),
        due_at=bindparam("new_due_at"),
        oldest_at=func.coalesce(HEADS.c.oldest_at, bindparam("new_oldest_at", type_=HEADS.c.oldest_at.type)),
    )
)


def release() -> None:
    """Let every delayed event that is due become visible."""
    with transaction() as session:
        append(session, ())


def seal_history(session: Session, history_id: str, lines: Iterable[Line]) -> int:
    """Write an immutable history, in log order, in blocks of `BLOCK_EVENTS`; tells how many events it has.

    A line is (canonical JSON without `integrity`, occurred, ingested, action, outcome, actor id), both moments in
    milliseconds since 1970.
    """
    compressor, coming = zstandard.ZstdCompressor(level=3), iter(lines)
    sequence, previous = 0, GENESIS
    with loading(session.connection()) as load:
        while block := list(islice(coming, BLOCK_EVENTS)):
            bodies, narrow = [], []
            for sequence, (text, *searchable) in enumerate(block, sequence + 1):  # noqa: B020 - counts on
                _, previous, body = link_text(text, previous, sequence)
                bodies.append(body)
                narrow.append((history_id, sequence, *searchable))
            load(narrow)
            sealed = {"history_id": history_id, "first": sequence - len(block) + 1, "count": len(block)}
            data = compressor.compress(b"\n".join(bodies))
            session.execute(insert(BLOCKS), [{**sealed, "last_hash": previous, "data": data}])
    return sequence


def open_log(session: Session, history_id: str | None) -> None:
    """Begin the present tenant's log behind a sealed history, or empty; live events from before are gone.

    Events that wait in the queue stay there. How long events are kept starts at its default.
    """
    tenant_id = current_tenant_id()
    # The head goes first: the database lets no event go that a head still holds.
    session.execute(delete(HEADS).where(HEADS.c.tenant_id == tenant_id))
    session.execute(delete(LIVE).where(LIVE.c.tenant_id == tenant_id))
    start = {"tenant_id": tenant_id, "ingested_at": now(), "due_at": next_due(session)}
    if history_id is not None:
        start |= _behind(session, history_id)
    session.execute(insert(HEADS).values(**start))


def _behind(session: Session, history_id: str) -> dict[str, Any]:
    """Tell what a head begins with that stands behind a sealed history."""
    last = select(BLOCKS.c.first + BLOCKS.c.count - 1, BLOCKS.c.last_hash).where(BLOCKS.c.history_id == history_id)
    sequence, hash_ = session.execute(last.order_by(BLOCKS.c.first.desc()).limit(1)).one()
    visible = select(SEALED.c.ingested_at).where(SEALED.c.history_id == history_id)
    return {
        "sequence": sequence,
        "hash": hash_,
        "ingested_at": session.execute(visible.where(SEALED.c.sequence == sequence)).scalar_one(),
        "history_id": history_id,
        "sealed": sequence,
        "oldest_at": session.execute(visible.where(SEALED.c.sequence == 1)).scalar_one(),
    }
