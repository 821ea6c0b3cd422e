"""Sigma correlations: how often within a while (event_count), and in which order (temporal_ordered).

The windows slide and are exact: an event that completes a correlation is a match, whatever else matched before it. As the
specification has it, each correlation groups by its own attributes, read from the event that completed the inner match;
an event without one of them belongs to no group. https://sigmahq.io/sigma-specification/ (correlation rules 2.0)
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reference_connector.detect.match import Match, Stretch, single
from reference_connector.detect.watch import Watch
from reference_connector.manifest.detections import Correlation, DetectionRule

Path = tuple[str, ...]
Groups = Mapping[tuple[Any, ...], Sequence[Match]]

_FIRST_COLUMN = 2


def correlated(rules: Iterable[DetectionRule]) -> frozenset[str]:
    """Return the names of the rules that some correlation builds on."""
    return frozenset(name for rule in rules if rule.correlation for name in rule.correlation.rules)


def group_columns(rules: Iterable[DetectionRule]) -> tuple[Path, ...]:
    """Return every attribute that some correlation groups by: the columns of all the rows that are correlated."""
    return tuple(dict.fromkeys(path for rule in rules if rule.correlation for path in rule.correlation.group_by))


class Correlator:
    """Answers the matches of correlations, and of the rules below them, whose rows have the `group_columns`."""

    def __init__(self, rules: Sequence[DetectionRule], watches: Mapping[str, Watch]) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._watches = watches
        self._columns = group_columns(rules)
        self._found: dict[str, list[Match]] = {}

    def matches(self, name: str) -> list[Match]:
        """Return the matches of a rule, by the time of their last event."""
        if name not in self._found:
            correlation = self._rules[name].correlation
            if correlation is None:
                self._found[name] = [single(row) for row in self._watches[name].rows()]
            else:
                find = _event_count if correlation.type == "event_count" else _temporal_ordered
                groups = [self._grouped(inner, correlation.group_by) for inner in correlation.rules]
                self._found[name] = sorted(find(correlation, groups), key=_when)
        return self._found[name]

    def _grouped(self, name: str, group_by: Sequence[Path]) -> Groups:
        places = [_FIRST_COLUMN + self._columns.index(path) for path in group_by]
        groups: dict[tuple[Any, ...], list[Match]] = {}
        for match in self.matches(name):
            row = match.last_row
            key = tuple(_hashable(row[place]) for place in places)
            if None not in key:
                groups.setdefault(key, []).append(match)
        return groups


def _event_count(correlation: Correlation, rules: Sequence[Groups]) -> Iterator[Match]:
    """Yield a match for every event with enough others, itself counted, in the timespan before it."""
    assert correlation.at_least is not None
    span = _milliseconds(correlation)
    for key in dict.fromkeys(key for groups in rules for key in groups):
        rows = sorted((match.last_row for groups in rules for match in groups.get(key, ())), key=lambda row: row[:2])
        first = 0
        for last, row in enumerate(rows):
            while row[0] - rows[first][0] > span:
                first += 1
            if last - first + 1 >= correlation.at_least:
                yield Match(row[0], (Stretch(rows, first, last),), {"count": last - first + 1})


def _temporal_ordered(correlation: Correlation, rules: Sequence[Groups]) -> Iterator[Match]:
    """Yield a match for every event of the last rule that ends a chain of all the rules in order."""
    span = _milliseconds(correlation)
    for key in rules[-1]:
        steps = [groups.get(key, ()) for groups in rules]
        for match in _ends_of_chains(steps, span):
            before = [stretch for step in steps[:-1] for stretch in _within(step, match.time - span, match.time)]
            yield Match(match.time, (*before, *match.stretches))


def _ends_of_chains(steps: Sequence[Sequence[Match]], span: int) -> Iterator[Match]:
    """Follow all steps through time, keeping for each length the latest time at which such a chain began."""
    timeline = [(*_when(match), -index, match) for index, step in enumerate(steps) for match in step]
    timeline.sort(key=lambda entry: entry[:3])  # an event of two rules serves the later one first, so never both
    began: list[int | None] = [None] * len(steps)
    for time, _, place, match in timeline:
        index = -place
        began[index] = time if index == 0 else began[index - 1]
        start = began[index]
        if index == len(steps) - 1 and start is not None and time - start <= span:
            yield match


def _within(step: Sequence[Match], since: int, until: int) -> Iterator[Stretch]:
    """Yield what is behind the matches of a step that lie in the window."""
    for index in range(bisect_left(step, since, key=lambda match: match.time), len(step)):
        if step[index].time > until:
            return
        yield from step[index].stretches


def _when(match: Match) -> tuple[int, int]:
    return match.last_row[0], match.last_row[1]


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _milliseconds(correlation: Correlation) -> int:
    return int(correlation.timespan.total_seconds() * 1000)
