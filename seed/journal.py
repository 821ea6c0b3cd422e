"""The audit log: visits, services and planned occurrences written out as events, in the order in which they became visible.

It goes hour by hour. What begins within an hour is written, put in order together with what is still under way from before,
and handed on as far as no later hour can add to it; so a year needs no more memory than a day. Every field draws from
a stream of its own. This is the hot path of seeding, together with `handiwork` and `text`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from operator import attrgetter
from typing import Any, Generic, TypeVar

from seed.cabinet import Cabinet, files_of
from seed.event import Event, Line, category
from seed.frame import Frame
from seed.handiwork import Handiwork
from seed.holdings import File, FileRow, ShareRow
from seed.identifiers import random_parts, time_part
from seed.library import Library
from seed.moments import HOUR, MINUTE, SECOND, wire_time
from seed.occurrence import Occurrence
from seed.randomness import lognormal_pool
from seed.services import Service, requests
from seed.text import Press
from seed.visit import Visit

T = TypeVar("T")

Entry = tuple[int, str, Any]
"""When an event became visible, its id as the tie-break, and the event in some form."""

Form = Callable[[Occurrence, str, str, int], T]
"""Gives an occurrence its final form, told its id, its request id and when it became visible."""

_STRETCH_MS = HOUR
"""Short stretches keep events young: the garbage collector then never walks over them twice."""
_DELAY_SLOTS = 4096
_DELAY_BITS = 12


class Journal:
    """Everything that happens, ready to be written as often as wanted."""

    def __init__(
        self,
        visits: Sequence[Visit],
        occurrences: Iterable[Occurrence],
        services: Sequence[Service],
        *,
        library: Library,
        new_cabinet: Callable[[], Cabinet],
        frame: Frame,
    ) -> None:
        self._visits = sorted(visits, key=attrgetter("begin_ms"))
        self._occurrences = sorted(occurrences, key=attrgetter("ms"))
        self._services = services
        self._library = library
        self._new_cabinet = new_cabinet
        self._left: tuple[list[FileRow], list[ShareRow]] | None = None
        self._frame = frame

    def events(self) -> Iterator[Event]:
        """Yield the log from its beginning."""
        return self._written(_as_event)

    def lines(self) -> Iterator[Line]:
        """Yield the same log as text."""
        return self._written(Press().line)

    def files(self) -> Iterator[File]:
        """Yield the files that are left when the log ends, by id; writes the log first unless it was written before."""
        return files_of(self.file_rows())

    def file_rows(self) -> tuple[list[FileRow], list[ShareRow]]:
        """Answer the same files, and their shares, as rows to store."""
        if self._left is None:
            for _ in self._written(lambda *_: None):
                pass
        assert self._left is not None
        return self._left

    def _written(self, form: Form[T]) -> Iterator[T]:
        period, pen = self._frame.period, _Pen(self._frame, form)
        cabinet = self._new_cabinet()
        handiwork = Handiwork(self._library, cabinet, self._frame)
        visits = _Ahead(self._visits, lambda visit: visit.begin_ms)
        planned = _Ahead(self._planned(), lambda occurrence: occurrence.ms)
        waiting: list[Entry] = []
        for until_ms in range(period.starts_ms + _STRETCH_MS, period.ends_ms + 1, _STRETCH_MS):
            waiting += map(pen.write, planned.before(until_ms))
            for visit in visits.before(until_ms):
                waiting += map(pen.write, handiwork.of(visit))
            waiting.sort()  # No two have the same id, so it never comes to comparing what was written.
            visible = bisect_left(waiting, until_ms, key=lambda entry: entry[0])
            for _, _, written in waiting[:visible]:
                yield written
            del waiting[:visible]
        self._left = cabinet.rows()

    def _planned(self) -> Iterator[Occurrence]:
        regular = [requests(service, self._frame) for service in self._services]
        return merge(self._occurrences, *regular, key=attrgetter("ms"))


class _Ahead(Generic[T]):
    """Takes from an ordered iterable in stretches: each time what comes before a moment."""

    def __init__(self, items: Iterable[T], moment_of: Callable[[T], int]) -> None:
        self._items = iter(items)
        self._moment_of = moment_of
        self._next: list[T] = []

    def before(self, ms: int) -> Iterator[T]:
        """Yield what comes before that moment and was not yet taken."""
        while True:
            item = self._next.pop() if self._next else next(self._items, None)
            if item is None:
                return
            if self._moment_of(item) >= ms:
                self._next.append(item)
                return
            yield item


class _Pen:
    """Writes occurrences: gives each an id, a request id and the moment at which it became visible."""

    def __init__(self, frame: Frame, form: Form[Any]) -> None:
        self._ids = random_parts(frame.stream("event", "id")).__next__
        self._request_ids = random_parts(frame.stream("event", "request_id")).__next__
        self._delays = _delays(frame.profile.late_share)
        self._draw = frame.stream("event", "delay").getrandbits
        self._ends_ms = frame.period.ends_ms
        self._form = form

    def write(self, occurrence: Occurrence) -> Entry:
        """Answer the event with its place in the log."""
        ms, event_id = occurrence[0], occurrence[-1]
        identity = event_id or f"evt_{time_part(ms)}{self._ids()}"
        visible_ms = ms + self._delays[self._draw(_DELAY_BITS)]
        if visible_ms >= self._ends_ms:
            # The log is complete when the history ends: what would still be under way is in time after all.
            visible_ms = ms + SECOND
        return visible_ms, identity, self._form(occurrence, identity, f"req_{self._request_ids()}", visible_ms)


def _as_event(occurrence: Occurrence, identity: str, request_id: str, visible_ms: int) -> Event:
    ms, action, actor, source, targets, client, session_id, outcome, changes, details, _ = occurrence
    return {
        "id": identity,
        "occurred_at": wire_time(ms),
        "ingested_at": wire_time(visible_ms),
        "action": action,
        "category": category(action),
        "outcome": outcome,
        "actor": actor,
        "impersonator": None,
        "client": client,
        "session_id": session_id,
        "source": source,
        "targets": targets,
        "changes": changes,
        "request_id": request_id,
        "details": details,
    }


def _delays(late_share: float) -> list[int]:
    """Lay out the way from the deed to the log: a fraction of a second as a rule, minutes to hours for the late share."""
    late = round(_DELAY_SLOTS * late_share)
    prompt = lognormal_pool(_DELAY_SLOTS - late, median=260, sigma=0.7, low=40, high=2 * SECOND)
    tardy = lognormal_pool(late, median=14 * MINUTE, sigma=0.8, low=330 * SECOND, high=3 * 60 * MINUTE)
    return [round(delay) for delay in (*prompt, *tardy)]
