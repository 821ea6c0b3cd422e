"""Reads what is new: window after window, page after page, each page committed together with its checkpoint.

A crash repeats at most one page, and the repetition is recognized. An expired page token begins the rest of the window
again. The watermark follows the newest stamp inside the window, so a stamp from the future cannot make the stream skip
what comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reference_connector.errors import TryLater
from reference_connector.manifest.datetimes import CursorValue
from reference_connector.manifest.model import DatetimeBasedCursor
from reference_connector.pagination.paginator import LoopGuard
from reference_connector.sync.checkpoint import Checkpoint
from reference_connector.sync.dedupe import Seen
from reference_connector.sync.intake import Intake, Taken
from reference_connector.sync.page import Page, PageTokenExpired
from reference_connector.sync.reading import Reading, Restarts
from reference_connector.sync.window import Horizon, Window, horizon, shifted

# So often a window is looked at again because its pages shifted; a vendor where they always do is not followed.
MAX_LOOKS = 3


def read(reading: Reading) -> None:
    """Read one stream up to the vendor's now; what is committed stays, whatever is raised."""
    assert reading.stream.incremental_sync is not None
    _IncrementalRead(reading, reading.stream.incremental_sync).run()


@dataclass(slots=True)
class _Pass:
    """One way through a window: what was seen on it, and how often it was begun again."""

    guard: LoopGuard
    restarts: Restarts
    is_ordered: bool
    last_stamp: CursorValue | None = None
    looks: int = 0


class _IncrementalRead:
    def __init__(self, reading: Reading, cursor: DatetimeBasedCursor) -> None:
        self._reading = reading
        self._cursor = cursor
        self._stream = reading.stream
        self._store = reading.store
        self._seen = Seen(self._store.blocks(self._stream.name))
        self._intake = Intake(self._stream, reading.mapper, self._seen)
        self._state = self._store.load(self._stream.name)

    def run(self) -> None:
        # Fixed once: the vendor's now moves on while we read, and a run must come to its end.
        now = self._now()
        scope: dict[str, object] = {"config": self._reading.reader.config, "now_utc": now}
        plan = horizon(self._cursor, self._stream.consistency, scope)
        self._adopt(self._reading.reader.query_hash)
        self._reading.outcome.total = self._state.total
        first: CursorValue | None = None
        while (window := self._state.window or self._next(plan, now)) is not None:
            first = window.start if first is None else first
            self._reading.outcome.window = {"start": first, "end": window.end}
            self._read_window(plan)

    def _adopt(self, query_hash: str) -> None:
        """Drop a page token that belongs to another question than the manifest asks now."""
        if self._state.query_hash != query_hash:
            self._state = replace(self._state, query_hash=query_hash)
            self._begin_again()

    def _next(self, plan: Horizon, now: datetime) -> Window | None:
        """Open the next window, if there is one."""
        state = self._state
        window = plan.following(watermark=state.watermark, closed_until=state.closed_until, now=now)
        if window is not None:
            self._state = replace(state, window=window, token=None, newest=None)
        return window

    def _read_window(self, plan: Horizon) -> None:
        max_pages = self._stream.stall.max_pages
        way = _Pass(LoopGuard(max_pages), Restarts(), self._stream.consistency.ordering == "ascending")
        # Up to here the window, or the one before it, was read already, so repetitions are no surprise.
        self._intake.reread_until = self._state.newest if self._state.newest is not None else self._state.closed_until
        while self._state.window is not None:
            try:
                page = self._reading.fetch(self._state.token, plan.asked(self._state.window))
            except PageTokenExpired as expired:
                way.restarts.after(expired, self._stream.name)
                way.guard, way.last_stamp = LoopGuard(max_pages), None
                self._begin_again()
                continue
            self._take(page, way)

    def _take(self, page: Page, way: _Pass) -> None:
        try:
            taken = self._reading.sort_out(page, self._intake, way.guard)
        except TryLater:
            # The token leads in a circle: the next run must not start with it.
            self._begin_again()
            with self._reading.transaction():
                self._state = self._store.save(self._stream.name, self._state)
            raise
        self._check_order(way, taken)
        following = self._following(taken, page.token)
        if self._reading.is_shifted(taken) and way.looks < MAX_LOOKS:
            following = self._look_again(way, following)
        self._commit(taken, following, is_pruned=way.is_ordered)

    def _begin_again(self) -> None:
        """Forget the token and go back to where the open window is still remembered from."""
        state = replace(self._state, token=None)
        if state.window is not None:
            self._intake.reread_until = state.newest
            state = replace(state, window=Window(self._remembered_from(state.window), state.window.end))
        self._state = state

    def _look_again(self, way: _Pass, following: Checkpoint) -> Checkpoint:
        """Go back like that when pages overlap, since they may also have skipped records."""
        window = self._state.window
        assert window is not None
        way.looks += 1
        way.guard, way.last_stamp = LoopGuard(self._stream.stall.max_pages), None
        newest = following.watermark if following.newest is None else following.newest
        self._intake.reread_until = newest
        return replace(
            following,
            window=Window(self._remembered_from(window), window.end),
            token=None,
            newest=newest,
            watermark=self._state.watermark,
            closed_until=self._state.closed_until,
        )

    def _remembered_from(self, window: Window) -> CursorValue:
        """Return where the window can be read again from without writing anything twice."""
        edge = self._state.forgotten_before
        return window.start if edge is None else max(window.start, edge)

    def _check_order(self, way: _Pass, taken: Taken) -> None:
        """Notice when stamps go back although the vendor promises ascending order; then forget nothing."""
        stamps = taken.stamps
        if not way.is_ordered or not stamps:
            return
        goes_back = way.last_stamp is not None and stamps[0] < way.last_stamp and not taken.duplicates  # type: ignore[operator]
        if goes_back or stamps != sorted(stamps):
            way.is_ordered = False
            self._reading.outcome.note("the records are not in ascending order, as consistency.ordering declares")
        way.last_stamp = stamps[-1]

    def _following(self, taken: Taken, token: str | None) -> Checkpoint:
        """Return the checkpoint after a page: further in the window, or behind it."""
        window = self._state.window
        assert window is not None
        state = replace(
            self._state,
            token=token,
            newest=_newest(self._state.newest, taken.stamps, window.end),
            total=self._state.total + taken.new,
            quarantined=self._state.quarantined + taken.quarantined,
        )
        if token is not None:
            return state
        stamps = [stamp for stamp in (state.watermark, state.newest) if stamp is not None]
        watermark = max(stamps, default=None)
        return replace(state, window=None, newest=None, watermark=watermark, closed_until=window.end)

    def _commit(self, taken: Taken, following: Checkpoint, *, is_pruned: bool) -> None:
        name, sink, stamps = self._stream.name, self._reading.sink, taken.stamps
        block = self._seen.add(taken.keys, max(stamps) if stamps else following.newest)
        # Keys cannot come again from behind the horizon of a closed window, nor of the position in an ordered one.
        position = stamps[-1] if is_pruned and stamps else None
        following, forgotten = self._forget(following, following.watermark if following.window is None else position)
        with self._reading.transaction():
            sink.write(taken.batch)
            self._store.note_files(sink.flush())
            self._store.remember(name, block, forgotten)
            self._state = self._store.save(name, following)
        self._reading.outcome.total = following.total
        self._reading.account(taken)

    def _forget(self, following: Checkpoint, position: CursorValue | None) -> tuple[Checkpoint, Sequence[int]]:
        """Drop the keys behind the horizon of a position; return the numbers of the dropped blocks."""
        if position is None:
            return following, ()
        edge = shifted(self._cursor.datetime_format, position, -self._reach)
        if following.forgotten_before is not None:
            edge = max(edge, following.forgotten_before)
        return replace(following, forgotten_before=edge), self._seen.forget(edge)

    @property
    def _reach(self) -> timedelta:
        return max(self._stream.dedupe.horizon, self._cursor.lookback_window)

    def _now(self) -> datetime:
        now = self._reading.client.server_time.last
        if now is None:
            raise TryLater(
                "the vendor's answers do not say what time it is",
                code="no-server-time",
                remedy="name the header with the vendor's time in server_clock",
            )
        return now


def _newest(known: CursorValue | None, stamps: Sequence[CursorValue], end: CursorValue) -> CursorValue | None:
    """Return the newest stamp inside the window; a stamp at or behind its end is from the future and does not count."""
    candidates = list(stamps)
    if candidates and max(candidates) >= end:  # type: ignore[operator]
        candidates = [stamp for stamp in candidates if stamp < end]  # type: ignore[operator]
    if known is not None:
        candidates.append(known)
    return max(candidates, default=None)
