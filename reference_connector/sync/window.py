"""Which part of time an incremental stream reads: half-open windows [start, end) that never reach the vendor's now.

A window is frozen when it is opened and kept in the checkpoint until it is read to its end, so that a page token stays
with the question it belongs to. The next window starts at the watermark, not at the end of the last one: a record with
the same stamp as the newest one may still have come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reference_connector.manifest.datetimes import CursorValue, DatetimeFormat, parse_moment
from reference_connector.manifest.model import Consistency, DatetimeBasedCursor


@dataclass(frozen=True, slots=True)
class Window:
    """`start` inclusive, `end` exclusive, both as the API writes them."""

    start: CursorValue
    end: CursorValue


@dataclass(frozen=True, slots=True)
class Horizon:
    """Plans the windows of one stream."""

    cursor: DatetimeBasedCursor
    consistency: Consistency
    first: datetime

    def following(
        self, *, watermark: CursorValue | None, closed_until: CursorValue | None, now: datetime
    ) -> Window | None:
        """Return the next window to read, None if nothing can be new.

        `watermark` is the newest stamp seen, `closed_until` the end of the last window read, `now` the vendor's now.
        """
        fmt = self.cursor.datetime_format
        start = self._start(watermark, closed_until)
        end = now - self.consistency.settle_delay - self.consistency.clock_skew_tolerance
        if self.cursor.step is not None:
            end = min(end, max(start, self._closed(closed_until)) + self.cursor.step)
        window = Window(fmt.format(start), fmt.format(end))
        is_empty = window.start >= window.end or (closed_until is not None and window.end <= closed_until)  # type: ignore[operator]
        return None if is_empty else window

    def asked(self, window: Window) -> tuple[CursorValue, CursorValue]:
        """Return the bounds to send, moved by one step of the format where the API counts them differently."""
        fmt = self.cursor.datetime_format
        start, end = window.start, window.end
        if not self.consistency.is_start_inclusive:
            start = shifted(fmt, start, -fmt.granularity)
        if self.consistency.is_end_inclusive:
            end = shifted(fmt, end, -fmt.granularity)
        return start, end

    def _start(self, watermark: CursorValue | None, closed_until: CursorValue | None) -> datetime:
        if watermark is None:
            return self.first
        fmt = self.cursor.datetime_format
        start = fmt.parse(watermark) - self.cursor.lookback_window
        lateness = self.consistency.max_lateness
        if lateness is not None and closed_until is not None:
            # Nothing older than this can still appear, so a quiet stream is not asked for years of nothing again.
            start = max(start, fmt.parse(closed_until) - max(lateness, self.cursor.lookback_window))
        return max(start, self.first)

    def _closed(self, closed_until: CursorValue | None) -> datetime:
        return self.cursor.datetime_format.parse(closed_until) if closed_until is not None else self.first


def horizon(cursor: DatetimeBasedCursor, consistency: Consistency, scope: dict[str, object]) -> Horizon:
    """Return the plan of a stream; ValueError if its start_datetime is no RFC 3339 moment."""
    return Horizon(cursor, consistency, parse_moment(cursor.start_datetime.render(scope)))


def shifted(fmt: DatetimeFormat, value: CursorValue, by: timedelta) -> CursorValue:
    """Return the value moved by a duration, in the same format."""
    return fmt.format(fmt.parse(value) + by)
