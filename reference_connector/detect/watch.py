"""What the single pass over the events leaves behind: for each rule, the few attributes of what matched.

Everything that needs time (correlations, detectors) works on these rows afterwards, sorted by event time, since the log
itself is in the order in which events became visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference_connector.detect.attributes import Event, Getter, getter
from reference_connector.detect.sigma import compile_detection, required_values
from reference_connector.manifest.detections import DetectionRule
from reference_connector.manifest.sigma_syntax import Value

Row = tuple[Any, ...]
"""(time in ms, position in the log, then one value for each column)."""

_ACTIVITY = ("activity_id",)


class Watch:
    """One rule at work: `see` every event, then ask for the `rows`."""

    def __init__(self, rule: DetectionRule, columns: Sequence[Getter] = ()) -> None:
        assert rule.detection is not None
        self.rule = rule
        self._matches = compile_detection(rule.detection)
        self._columns = tuple(columns)
        self._rows: list[Row] = []
        self.activities: frozenset[Value] | None = required_values(rule.detection, _ACTIVITY)

    def see(self, event: Event, position: int) -> None:
        """Keep the event's row if it matches."""
        if self._matches(event):
            self._rows.append((event["time"], position, *[column(event) for column in self._columns]))

    def rows(self) -> list[Row]:
        """Return what matched, by event time."""
        self._rows.sort(key=_when)
        return self._rows


def takers(watches: Sequence[Watch], ocsf_class: str, activity: object) -> list[Watch]:
    """Return the watches that an event of this class and activity has a chance to match."""
    return [
        watch
        for watch in watches
        if watch.rule.ocsf_class in (None, ocsf_class) and (watch.activities is None or activity in watch.activities)
    ]


def path_columns(paths: Sequence[tuple[str, ...]]) -> list[Getter]:
    """Return a column for each path."""
    return [getter(path) for path in paths]


def _when(row: Row) -> tuple[int, int]:
    return row[0], row[1]
