"""One reader over both parts of the log: sealed blocks first, live rows behind them.

Order is by sequence, the order of visibility. Since `ingested_at` never decreases along it, bounds on it become bounds on
the sequence; an unfiltered stretch of sealed history is then read from its blocks without touching a narrow row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import zstandard
from sqlalchemy import ColumnElement, FromClause, Integer, Select, bindparam, func, select
from sqlalchemy.engine import Engine

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, table_of
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.model import AuditEvent, AuditHead, SealedBlock, SealedEvent

BLOCK_EVENTS = 500
KEPT_BLOCKS = 32

# Tables, not models: reading is Core, with the tenant bound by hand, since it runs for every page.
LIVE, SEALED, BLOCKS, HEADS = map(table_of, (AuditEvent, SealedEvent, SealedBlock, AuditHead))

Conditions = Callable[[FromClause], list[ColumnElement[bool]]]
Found = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Head:
    """Both ends of the log as one reader sees them; the fields are those of `AuditHead`."""

    sequence: int
    hash: str
    ingested_at: datetime
    history_id: str | None
    sealed: int
    floor: int
    floor_hash: str
    oldest_at: datetime | None
    keep_days: int
    due_at: datetime | None


class Span(NamedTuple):
    """What to look at: from the first sequence to the last, both included, in one of both orders."""

    first: int
    last: int
    ascending: bool = True


def read_head() -> Head:
    """Read where the log begins and ends now."""
    return Head(*_HEAD.one(tenant=current_tenant_id()))


HEAD_COLUMNS = [HEADS.c[name] for name in Head.__slots__]
_HEAD = Prepared(select(*HEAD_COLUMNS).where(HEADS.c.tenant_id == bindparam("tenant")))


def floor_of(head: Head) -> int:
    """Tell the last sequence that is beyond retention, whether or not anybody has moved the floor there yet."""
    if head.oldest_at is None or head.oldest_at >= (expired := now() - timedelta(days=head.keep_days)):
        return head.floor
    return max(head.floor, first_ingested(head, expired) - 1)


def read(head: Head, span: Span, conditions: Conditions, wanted: int) -> Found:
    """Read up to `wanted` (sequence, body) pairs of a span, from both parts, in order."""
    found: Found = []
    for part, inner in _parts(head, span):
        if len(found) < wanted:
            found += part.read(head, inner, conditions, wanted - len(found))
    return found


def find(head: Head, span: Span, conditions: Conditions, wanted: int) -> list[int]:
    """Tell only which sequences `read` would give: a thousandth of the memory."""
    found: list[int] = []
    for part, inner in _parts(head, span):
        if len(found) < wanted:
            found += part.find(head, inner, conditions, wanted - len(found))
    return found


def fetch(head: Head, sequences: Sequence[int]) -> Found:
    """Read events by their sequences, in the given order; what is gone meanwhile is left out."""
    found: Found = []
    for is_sealed, group in groupby(sequences, lambda sequence: sequence <= head.sealed):
        some = list(group)
        found += _from_blocks(head, some) if is_sealed else _from_rows(some)
    return found


def count(head: Head, span: Span, conditions: Conditions) -> int:
    """Count what `read` would give without a limit; without conditions nothing need be read, since there are no gaps."""
    counted = 0
    for part, inner in _parts(head, span):
        table = SEALED if part is _SEALED_PART else LIVE
        if not (where := conditions(table)):
            counted += inner.last - inner.first + 1
            continue
        owner = SEALED.c.history_id == head.history_id if table is SEALED else LIVE.c.tenant_id == current_tenant_id()
        rows = select(func.count()).where(owner, table.c.sequence.between(inner.first, inner.last), *where)
        counted += db.session.scalar(rows) or 0
    return counted


def walk(head: Head) -> Iterator[tuple[int, bytes]]:
    """Read the whole log in order from its floor, block by block."""
    start = head.floor + 1
    while start <= head.sequence:
        rows = read(head, Span(start, head.sequence), lambda _: [], BLOCK_EVENTS)
        yield from rows
        start = rows[-1][0] + 1 if rows else head.sequence + 1


class _Part(NamedTuple):
    read: Callable[[Head, Span, Conditions, int], Found]
    find: Callable[[Head, Span, Conditions, int], Sequence[int]]


def _parts(head: Head, span: Span) -> Iterator[tuple[_Part, Span]]:
    """Part a span at the border between history and live rows, in its order; empty parts are left out."""
    parts = [
        (_SEALED_PART, span._replace(last=min(span.last, head.sealed))),
        (_LIVE_PART, span._replace(first=max(span.first, head.sealed + 1))),
    ]
    for part, inner in parts if span.ascending else reversed(parts):
        if inner.first <= inner.last:
            yield part, inner


def _read_live(_: Head, span: Span, conditions: Conditions, wanted: int) -> Found:
    tenant_id = current_tenant_id()
    if where := conditions(LIVE):
        rows = select(LIVE.c.sequence, LIVE.c.body).where(LIVE.c.tenant_id == tenant_id, *where)
        found: Iterable[Any] = db.session.execute(_within(rows, LIVE, span).limit(wanted))
    else:
        found = _STRETCH[span.ascending].all(tenant=tenant_id, start=span.first, end=span.last, wanted=wanted)
    return [(sequence, body.encode()) for sequence, body in found]


def _find_live(_: Head, span: Span, conditions: Conditions, wanted: int) -> Sequence[int]:
    if not (where := conditions(LIVE)):
        return _counted(span, wanted)
    rows = select(LIVE.c.sequence).where(LIVE.c.tenant_id == current_tenant_id(), *where)
    return list(db.session.scalars(_within(rows, LIVE, span).limit(wanted)))


def _read_sealed(head: Head, span: Span, conditions: Conditions, wanted: int) -> Found:
    return _from_blocks(head, _find_sealed(head, span, conditions, wanted))


def _find_sealed(head: Head, span: Span, conditions: Conditions, wanted: int) -> Sequence[int]:
    if not (where := conditions(SEALED)):
        return _counted(span, wanted)
    rows = select(SEALED.c.sequence).where(SEALED.c.history_id == head.history_id, *where)
    return list(db.session.scalars(_within(rows, SEALED, span).limit(wanted)))


_SEALED_PART, _LIVE_PART = _Part(_read_sealed, _find_sealed), _Part(_read_live, _find_live)


def _counted(span: Span, wanted: int) -> range:
    """Count along a stretch, which has no gaps."""
    if span.ascending:
        return range(span.first, min(span.last, span.first + wanted - 1) + 1)
    return range(span.last, max(span.first, span.last - wanted + 1) - 1, -1)


def _from_blocks(head: Head, sequences: Sequence[int]) -> Found:
    found: Found = []
    for first, wanted in _by_block(sequences):
        lines = _block(head, first)
        found += [(sequence, lines[sequence - first]) for sequence in wanted]
    return found


def _by_block(sequences: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """Part sequences by the blocks that they lie in, told by their first; a stretch is cut, not looked at one by one."""
    if not isinstance(sequences, range):
        for first, group in groupby(sequences, _block_of):
            yield first, list(group)
        return
    while sequences:
        first, start = _block_of(sequences[0]), sequences[0]
        left = first + BLOCK_EVENTS - start if sequences.step > 0 else start - first + 1
        yield first, sequences[:left]
        sequences = sequences[left:]


def _block_of(sequence: int) -> int:
    """Tell the first sequence of the block that one lies in."""
    return (sequence - 1) // BLOCK_EVENTS * BLOCK_EVENTS + 1


def _from_rows(sequences: list[int]) -> Found:
    rows = select(LIVE.c.sequence, LIVE.c.body).where(LIVE.c.tenant_id == current_tenant_id())
    bodies = {row.sequence: row.body for row in db.session.execute(rows.where(LIVE.c.sequence.in_(sequences)))}
    return [(sequence, bodies[sequence].encode()) for sequence in sequences if sequence in bodies]


def _within(rows: Select[Any], table: FromClause, span: Span | tuple[Any, Any, bool]) -> Select[Any]:
    column, (first, last, ascending) = table.c.sequence, span
    return rows.where(column >= first, column <= last).order_by(column if ascending else column.desc())


def _stretch(ascending: bool) -> Prepared:
    rows = select(LIVE.c.sequence, LIVE.c.body).where(LIVE.c.tenant_id == bindparam("tenant"))
    bounds = bindparam("start", type_=LIVE.c.sequence.type), bindparam("end", type_=LIVE.c.sequence.type)
    return Prepared(_within(rows, LIVE, (*bounds, ascending)).limit(bindparam("wanted", type_=Integer)))


_STRETCH = {ascending: _stretch(ascending) for ascending in (False, True)}


def first_ingested(head: Head, moment: datetime) -> int:
    """Find the first sequence that became visible at or after a moment; one behind the head if there is none yet."""
    if moment > head.ingested_at:
        return head.sequence + 1
    for table, owner in (
        (SEALED, SEALED.c.history_id == head.history_id),
        (LIVE, LIVE.c.tenant_id == current_tenant_id()),
    ):
        bound = table.c.sequence <= head.sealed if table is SEALED else table.c.sequence > head.sealed
        first = (
            select(table.c.sequence)
            .where(owner, table.c.ingested_at >= moment, bound)
            .order_by(table.c.ingested_at, table.c.sequence)
            .limit(1)
        )
        if (found := db.session.scalar(first)) is not None:
            return int(found)
    return head.sequence + 1


_blocks: WeakKeyDictionary[Engine, OrderedDict[tuple[str, int], list[bytes]]] = WeakKeyDictionary()


def _block(head: Head, first: int) -> list[bytes]:
    """Give the lines of the block that begins at a sequence; sealed blocks never change, so the last few are kept."""
    kept = _blocks.setdefault(db.engine, OrderedDict())
    key = (str(head.history_id), first)
    if (lines := kept.get(key)) is None:
        where = (BLOCKS.c.history_id == key[0], BLOCKS.c.first == key[1])
        frame = db.session.execute(select(BLOCKS.c.data).where(*where)).scalar_one()
        # One decompressor a call: a shared one is not safe among threads.
        lines = kept[key] = zstandard.ZstdDecompressor().decompress(frame).split(b"\n")
        if len(kept) > KEPT_BLOCKS:
            kept.popitem(last=False)
    return lines


def forget_blocks() -> None:
    """Drop the blocks that are kept, for whoever puts another database in the place of this one."""
    _blocks.clear()
