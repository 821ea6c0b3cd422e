"""A question to the log: turned page by page, or planned as one stream.

Before it is answered, what has become due is let in, so that nobody's reading depends on a housekeeper; what lies beyond
retention is left out, whether or not it is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.exc import OperationalError

from sandbox.foundation.clock import now
from sandbox.foundation.identifiers import moment_of
from sandbox.foundation.problems import CursorExpired, NotFound
from sandbox.http.pagination.style import Page, Place
from sandbox.resources.audit_events.seal import release
from sandbox.resources.audit_events.storage import (
    LIVE,
    Head,
    Span,
    count,
    fetch,
    find,
    first_ingested,
    floor_of,
    read,
    read_head,
)

log = logging.getLogger("sandbox")

_SAME_MILLISECOND = 10_000


@dataclass(frozen=True, slots=True)
class Feed:
    """A question to the log, `Pageable` and `Streamable`; items are wire JSON, `filters` those of `EventFilters`."""

    filters: Mapping[str, Any]

    def turn(self, place: Place) -> Page:
        """Read a page in either order; `asc` without an upper bound is a feed that can be followed for ever.

        Raises CursorExpired for a position that lies before what is kept.
        """
        head = present_head()
        span, skipped = self._skip(self._span(head, place), place.offset or 0)
        found = read(head, span, self._conditions, skipped + place.limit + 1)[skipped:]
        items = found[: place.limit]
        return self._page(head, span, place, [number for number, _ in found], [body for _, body in items])

    def plan(self, place: Place) -> Page:
        """Find the sequences of one long page, for a stream; raises CursorExpired."""
        head = present_head()
        span = self._span(head, place)
        found = find(head, span, self._conditions, place.limit + 1)
        return self._page(head, span, place, found, found[: place.limit])

    def fetch(self, keys: Sequence[Any]) -> list[bytes]:
        """Read some of the planned events."""
        return [body for _, body in fetch(read_head(), keys)]

    def count(self) -> int:
        """Count the events that the filters let through."""
        head = present_head()
        return count(head, self._span(head, Place(1, None, {})), self._conditions)

    def _skip(self, span: Span, rows: int) -> tuple[Span, int]:
        """Skip rows of a span; tells how many must be read for it, which are none where there are no gaps."""
        if self._conditions(LIVE):
            return span, rows
        first, last, ascending = span
        return (Span(first + rows, last, True) if ascending else Span(first, last - rows, False)), 0

    def _span(self, head: Head, place: Place) -> Span:
        """Turn place, retention and bounds on `ingested_at` into the first and last sequence to look at."""
        ascending, floor = self.filters.get("order") == "asc", floor_of(head)
        since, until = self.filters.get("ingested_since"), self.filters.get("ingested_until")
        first = max(floor + 1, first_ingested(head, since)) if since else floor + 1
        last = first_ingested(head, until) - 1 if until else head.sequence
        if place.after is None:
            return Span(first, last, ascending)
        passed = int(place.after[0])
        if passed < floor or (passed == floor and not ascending):
            raise CursorExpired(
                f"The log is kept for {head.keep_days} days, and this position is older. Start again without the cursor; "
                "what lies between is gone."
            )
        return Span(max(first, passed + 1), last, True) if ascending else Span(first, min(last, passed - 1), False)

    def _page(self, head: Head, span: Span, place: Place, found: list[int], items: list[Any]) -> Page:
        follows = span.ascending and not (self.filters.keys() & {"until", "ingested_until"})
        has_more = len(found) > place.limit
        if follows and not has_more:  # Everything up to the head was looked at, also what the filters left out.
            return Page(items, (max(head.sequence, span.first - 1),), has_more, follows, self.count)
        key = (found[len(items) - 1],) if items else place.after
        return Page(items, key, has_more, follows, self.count)

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


def find_event(event_id: str) -> bytes:
    """Find an event by id, which tells when it happened; raises NotFound, also before it is visible and when it is gone."""
    head, moment = present_head(), moment_of(event_id, "evt")
    if moment is not None:
        span = Span(floor_of(head) + 1, head.sequence)
        for _, body in read(head, span, lambda table: [table.c.occurred_at == moment], _SAME_MILLISECOND):
            if orjson.loads(body)["id"] == event_id:
                return body
    raise NotFound(f"There is no event {event_id}; events are kept for {head.keep_days} days.", id=event_id)


def present_head() -> Head:
    """Read the head once everything that is due is visible; a database that is busy makes late events a little later."""
    head = read_head()
    if head.due_at is None or head.due_at > now():
        return head
    try:
        release()
    except OperationalError as error:
        log.info("delayed events wait for another time: %s", error.orig)
    return read_head()
