"""Writing: live events at the end of the log, and a whole history as sealed blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import zstandard
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from sandbox.foundation.clock import from_wire, now, to_wire
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.bulk import loading
from sandbox.resources.audit_events.chain import Draft, link, link_text
from sandbox.resources.audit_events.model import GENESIS
from sandbox.resources.audit_events.storage import BLOCK_EVENTS, BLOCKS, HEADS, LIVE, SEALED, Head

Line = tuple[bytes, int, int, str, str, str | None]


def append(session: Session, drafts: Sequence[Draft]) -> None:
    """Put drafts at the end of the log: the last statements of a transaction.

    Taking the head row (`SELECT … FOR UPDATE`; SQLite holds its one writer already) makes appenders queue until commit,
    so that no event ever becomes visible behind a position that a reader has passed.
    """
    session.flush()
    tenant_id = current_tenant_id()
    sequence, previous, latest = _TAKE.one(tenant=tenant_id)
    ingested_at = max(latest, now())
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
    _ADVANCE.run(head)


# These run for every change and every token.
_MINE = HEADS.c.tenant_id == bindparam("tenant")
_TAKE = Prepared(select(HEADS.c.sequence, HEADS.c.hash, HEADS.c.ingested_at).where(_MINE).with_for_update())
_APPEND = Prepared(insert(LIVE))
_ADVANCE = Prepared(
    update(HEADS)
    .where(_MINE)
    .values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"), ingested_at=bindparam("new_ingested_at"))
)


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
