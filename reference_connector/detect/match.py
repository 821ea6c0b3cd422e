"""A match: what a rule of any kind says about the events it has seen, before matches become alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reference_connector.detect.watch import Row


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring rows of one list, from `first` to `last`; a long window costs no more than a short one."""

    rows: Sequence[Row]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Match:
    """What matched, and when: `time` is that of the last event.

    `facts` are what the rule's message may tell besides who and where; `easing` lowers the severity by so many levels.
    """

    time: int
    stretches: tuple[Stretch, ...]
    facts: Mapping[str, object] = field(default_factory=dict)
    easing: int = 0

    @property
    def last_row(self) -> Row:
        """Return the row that completed the match."""
        stretch = self.stretches[-1]
        return stretch.rows[stretch.last]


def single(row: Row) -> Match:
    """Return the match of a rule that needs one event only."""
    return Match(row[0], (Stretch((row,), 0, 0),))


def rows_of(matches: Sequence[Match]) -> list[Row]:
    """Return the rows behind some matches, each once, by event time."""
    unique: dict[int, Row] = {}
    for rows, first, last in _merged(stretch for match in matches for stretch in match.stretches):
        unique.update((row[1], row) for row in rows[first : last + 1])
    return sorted(unique.values(), key=lambda row: row[:2])


def _merged(stretches: Iterable[Stretch]) -> Iterator[tuple[Sequence[Row], int, int]]:
    """Yield stretches without overlaps: the windows of a flood overlap almost entirely."""
    by_list: dict[int, list[Stretch]] = {}
    for stretch in stretches:
        by_list.setdefault(id(stretch.rows), []).append(stretch)
    for same in by_list.values():
        same.sort(key=lambda stretch: stretch.first)
        first, last = same[0].first, same[0].last
        for stretch in same[1:]:
            if stretch.first > last + 1:
                yield same[0].rows, first, last
                first, last = stretch.first, stretch.last
            else:
                last = max(last, stretch.last)
        yield same[0].rows, first, last
