"""Where things are drawn: the time line of the alerts, in percent of its width, so that text keeps its size.

Plain numbers for the SVG in `templates/`; nothing here knows HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reference_connector.report.alerts import Alert
from reference_connector.report.sources import SEVERITIES

LANE_PADDING = 10
ROW_HEIGHT = 15
# Marks that are nearer than this, in percent, would cover each other: the later one moves down a row.
CROWDED_PERCENT = 1.8
MARGIN_PERCENT = 2.0
MAX_ROWS = 6
MAX_TICKS = 10

_STEPS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 3, 7, 14, 28, 91, 364)),
)
_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday, so that weeks start where people expect it


@dataclass(frozen=True, slots=True)
class Mark:
    """One alert: from `x` to `end` in percent, at `y` pixels; `number` is its place in the list, from 1."""

    x: float
    end: float
    y: int
    number: int
    alert: Alert


@dataclass(frozen=True, slots=True)
class Lane:
    """`y` and `height` in pixels."""

    severity: str
    y: int
    height: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line; minor ones may be left out where it is narrow."""

    x: float
    label: str
    is_minor: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """`height` in pixels, everything else as above."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    height: int


def timeline(alerts: Sequence[Alert]) -> Timeline:
    """Lay out alerts by time, one lane for each severity there is; needs at least one alert."""
    start, end = _span(alerts)
    lanes: list[Lane] = []
    y = 0
    for severity in SEVERITIES:
        members = [(number, alert) for number, alert in enumerate(alerts, start=1) if alert.severity == severity]
        if members:
            lane = _lane(severity, [_mark(n, alert, start, end) for n, alert in members], y)
            lanes.append(lane)
            y += lane.height
    return Timeline(tuple(lanes), _ticks(start, end), y)


def _lane(severity: str, marks: Sequence[Mark], y: int) -> Lane:
    """Stack marks that would cover each other: each goes to the first row that is free where it begins."""
    row_ends: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda mark: mark.x):
        free = (row for row, row_end in enumerate(row_ends) if mark.x - row_end >= CROWDED_PERCENT)
        row = next(free, min(len(row_ends), MAX_ROWS - 1))
        row_ends[row : row + 1] = [mark.end]
        placed.append(replace(mark, y=y + LANE_PADDING + ROW_HEIGHT * row + ROW_HEIGHT // 2))
    return Lane(severity, y, 2 * LANE_PADDING + ROW_HEIGHT * len(row_ends), tuple(placed))


def _span(alerts: Sequence[Alert]) -> tuple[datetime, datetime]:
    start, end = min(alert.first_seen for alert in alerts), max(alert.last_seen for alert in alerts)
    # Alerts at one moment still need an axis around them.
    room = max(timedelta(0), timedelta(hours=1) - (end - start)) / 2
    return start - room, end + room


def _mark(number: int, alert: Alert, start: datetime, end: datetime) -> Mark:
    return Mark(_x(alert.first_seen, start, end), _x(alert.last_seen, start, end), 0, number, alert)


def _ticks(start: datetime, end: datetime) -> tuple[Tick, ...]:
    step = next((step for step in _STEPS if (end - start) / step <= MAX_TICKS), _STEPS[-1])
    # Years of alerts: whole numbers of the largest step, as many as fit.
    step *= max(1, -(-int((end - start) / step) // MAX_TICKS))
    first = _EPOCH + -(-(start - _EPOCH) // step) * step
    moments = [first + step * index for index in range(MAX_TICKS + 2) if first + step * index <= end]
    return tuple(
        Tick(_x(moment, start, end), _label(moment, step), index % 2 == 1) for index, moment in enumerate(moments)
    )


def _label(moment: datetime, step: timedelta) -> str:
    day = f"{moment.day} {moment:%b}"
    return day if step >= timedelta(days=1) else f"{day}, {moment:%H:%M}"


def _x(moment: datetime, start: datetime, end: datetime) -> float:
    share = (moment - start) / (end - start)
    return round(MARGIN_PERCENT + (100 - 2 * MARGIN_PERCENT) * share, 3)
