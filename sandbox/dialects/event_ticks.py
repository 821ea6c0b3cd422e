"""The audit log since a moment of visibility, where the events of one millisecond are never split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from sandbox.foundation.clock import from_wire
from sandbox.http.pagination.style import MAXIMUM_LIMIT, Page, Place
from sandbox.resources.audit_events import service

TICK = timedelta(milliseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC) - TICK


@dataclass(frozen=True, slots=True)
class EventTicks:
    """Events that became visible between two moments, `since` inclusive and `until` exclusive, either of them open."""

    filters: Mapping[str, Any]
    since: datetime | None
    until: datetime | None

    def turn(self, place: Place) -> Page:
        """Read all events of the first tick, `limit` behind them, and the rest of the last tick."""
        start = _next_tick(self.since) if self.since else None
        ties = list(self._between(self.since, start)) if self.since and start else []
        found = self._search(start, self.until).turn(place)
        items = [*ties, *found.items]
        if found.has_more:
            tick = from_wire(orjson.loads(found.items[-1])["ingested_at"])
            items += self._between(tick, _next_tick(tick), after=found.last)
        return Page(items, None, found.has_more)

    def _between(
        self, since: datetime, until: datetime, *, after: tuple[int | str, ...] | None = None
    ) -> Iterator[bytes]:
        """Read everything between two moments, within the bounds of the whole."""
        feed = self._search(since, until if self.until is None else min(until, self.until))
        has_more = True
        while has_more:
            page = feed.turn(Place(MAXIMUM_LIMIT, after, {}))
            yield from page.items
            after, has_more = page.last, page.has_more

    def _search(self, since: datetime | None, until: datetime | None) -> Any:
        bounds = {"ingested_since": since, "ingested_until": until}
        given = {name: moment for name, moment in bounds.items() if moment is not None}
        return service.search(**self.filters, **given, order="asc")


def _next_tick(moment: datetime) -> datetime:
    """Go one tick further; the last moment of all has none behind it."""
    return moment + TICK if moment < _LAST else moment
