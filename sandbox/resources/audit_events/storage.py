"""One reader and one writer over both parts of the log: sealed blocks first, live rows behind them.

Order is by sequence, the order of visibility. Since `ingested_at` never decreases along it, bounds on it become bounds on
the sequence; an unfiltered stretch of sealed history is then read from its blocks without touching a narrow row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from weakref import WeakKeyDictionary

import zstandard
from sqlalchemy import ColumnElement, FromClause, Integer, Select, and_, bindparam, func, select
from sqlalchemy.engine import Engine

from sandbox.foundation.database import db, table_of
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.pagination.style import Page, Place
from sandbox.resources.audit_events.model import AuditEvent, AuditHead, SealedBlock, SealedEvent

BLOCK_EVENTS = 500
KEPT_BLOCKS = 32

# Tables, not models: reading is Core, with the tenant bound by hand, since it runs for every page.
LIVE, SEALED, BLOCKS, HEADS = map(table_of, (AuditEvent, SealedEvent, SealedBlock, AuditHead))


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log as one reader sees it."""

    sequence: int
    hash: str
    ingested_at: datetime
    history_id: str | None
    sealed: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A question to the log: a `Pageable` whose items are wire JSON. Keys of `filters` are those of `EventFilters`."""

    filters: Mapping[str, Any]

    def turn(self, place: Place) -> Page:
        """Read a page in either order; `asc` without an upper bound is a feed that can be followed for ever."""
        ascending = self.filters.get("order") == "asc"
        follows = ascending and not (self.filters.keys() & {"until", "ingested_until"})
        head = read_head()
        first, last = self._bounds(head)
        if place.after is not None:
            passed = int(place.after[0])
            first, last = (max(first, passed + 1), last) if ascending else (first, min(last, passed - 1))
        skipped = place.offset or 0
        if skipped and not self._conditions(LIVE):  # The sequence has no gaps, so nothing need be read to be skipped.
            first, last, skipped = (first + skipped, last, 0) if ascending else (first, last - skipped, 0)
        found = self._read(head, first, last, skipped + place.limit + 1, ascending)[skipped:]
        items, has_more = found[: place.limit], len(found) > place.limit
        if follows and not has_more:  # Everything up to the head was looked at, also what the filters left out.
            return Page([body for _, body in items], (max(head.sequence, first - 1),), has_more, follows, self.count)
        key = (items[-1][0],) if items else place.after
        return Page([body for _, body in items], key, has_more, follows, self.count)

    def count(self) -> int:
        """Count the events that the filters let through."""
        head = read_head()
        first, last = self._bounds(head)
        if not self._conditions(LIVE):
            return max(0, last - first + 1)
        mine = LIVE.c.tenant_id == current_tenant_id()
        bound = and_(LIVE.c.sequence > head.sealed, mine)
        sealed = and_(SEALED.c.sequence <= head.sealed, SEALED.c.history_id == head.history_id)
        return sum(
            db.session.scalar(
                select(func.count())
                .select_from(table)
                .where(where, table.c.sequence.between(first, last), *self._conditions(table))
            )
            or 0
            for table, where in ((SEALED, sealed), (LIVE, bound))
        )

    def _bounds(self, head: Head) -> tuple[int, int]:
        """Turn bounds on `ingested_at` into the first and last sequence to look at."""
        since, until = self.filters.get("ingested_since"), self.filters.get("ingested_until")
        first = _first_ingested(head, since) if since else 1
        return first, _first_ingested(head, until) - 1 if until else head.sequence

    def _read(self, head: Head, first: int, last: int, wanted: int, ascending: bool) -> list[tuple[int, bytes]]:
        """Read up to `wanted` (sequence, body) pairs between two sequences, from both parts, in order."""
        found: list[tuple[int, bytes]] = []
        parts = [(_sealed, first, min(last, head.sealed)), (_live, max(first, head.sealed + 1), last)]
        for read, start, end in parts if ascending else reversed(parts):
            if start <= end and len(found) < wanted:
                found += read(head, self._conditions, start, end, wanted - len(found), ascending)
        return found

    def _conditions(self, table: FromClause) -> list[ColumnElement[bool]]:
        """Write the filters on narrow columns."""
        found = [
            table.c[name] == value for name in ("actor_id", "action", "outcome") if (value := self.filters.get(name))
        ]
        if since := self.filters.get("since"):
            found.append(table.c.occurred_at >= since)
        if until := self.filters.get("until"):
            found.append(table.c.occurred_at < until)
        return found


def read_head() -> Head:
    """Read where the log ends now."""
    return Head(*_HEAD.one(tenant=current_tenant_id()))


_HEAD = Prepared(
    select(HEADS.c.sequence, HEADS.c.hash, HEADS.c.ingested_at, HEADS.c.history_id, HEADS.c.sealed).where(
        HEADS.c.tenant_id == bindparam("tenant")
    )
)


def walk(head: Head) -> Iterator[tuple[int, bytes]]:
    """Read the whole log in order, block by block."""
    for start in range(1, head.sealed + 1, BLOCK_EVENTS):
        yield from enumerate(_block(head, start), start)
    start = head.sealed + 1
    while start <= head.sequence:
        rows = _live(head, lambda _: [], start, head.sequence, BLOCK_EVENTS, True)
        yield from rows
        start = rows[-1][0] + 1 if rows else head.sequence + 1


def _live(head: Head, conditions: Any, start: int, end: int, wanted: int, ascending: bool) -> list[tuple[int, bytes]]:
    tenant_id = current_tenant_id()
    if where := conditions(LIVE):
        rows = select(LIVE.c.sequence, LIVE.c.body).where(LIVE.c.tenant_id == tenant_id, *where)
        found: Iterable[Any] = db.session.execute(_between(rows, LIVE, start, end, ascending).limit(wanted))
    else:
        found = _STRETCH[ascending].all(tenant=tenant_id, start=start, end=end, wanted=wanted)
    return [(sequence, body.encode()) for sequence, body in found]


def _sealed(head: Head, conditions: Any, start: int, end: int, wanted: int, ascending: bool) -> list[tuple[int, bytes]]:
    if not (where := conditions(SEALED)):
        stop = min(end, start + wanted - 1) if ascending else max(start, end - wanted + 1)
        sequences = list(range(start, stop + 1) if ascending else range(end, stop - 1, -1))
    else:
        rows = select(SEALED.c.sequence).where(SEALED.c.history_id == head.history_id, *where)
        sequences = list(db.session.scalars(_between(rows, SEALED, start, end, ascending).limit(wanted)))
    found: list[tuple[int, bytes]] = []
    for first, group in groupby(sequences, lambda sequence: (sequence - 1) // BLOCK_EVENTS * BLOCK_EVENTS + 1):
        lines = _block(head, first)
        found += [(sequence, lines[sequence - first]) for sequence in group]
    return found


def _between(rows: Select[Any], table: FromClause, start: Any, end: Any, ascending: bool) -> Select[Any]:
    column = table.c.sequence
    return rows.where(column >= start, column <= end).order_by(column if ascending else column.desc())


def _stretch(ascending: bool) -> Prepared:
    rows = select(LIVE.c.sequence, LIVE.c.body).where(LIVE.c.tenant_id == bindparam("tenant"))
    bounds = bindparam("start", type_=LIVE.c.sequence.type), bindparam("end", type_=LIVE.c.sequence.type)
    return Prepared(_between(rows, LIVE, *bounds, ascending).limit(bindparam("wanted", type_=Integer)))


_STRETCH = {ascending: _stretch(ascending) for ascending in (False, True)}


def _first_ingested(head: Head, moment: datetime) -> int:
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
