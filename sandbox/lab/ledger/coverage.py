"""Which sequences were served how often, as ranges: a log of a million events read once is one range.

A range is `[first, last, times, served_at]`: both ends included; `served_at` is when it was served first, in milliseconds
of business time. Neighbours that say the same become one; what was served within one second is the same moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeAlias

SAME_MOMENT = 1000

Range: TypeAlias = "list[int]"
Span: TypeAlias = tuple[int, int]


def spans(sequences: Iterable[int]) -> list[Span]:
    """Write sequences as spans, in the order given; each runs upwards by one."""
    found: list[Span] = []
    for sequence in sequences:
        if found and found[-1][1] + 1 == sequence:
            found[-1] = (found[-1][0], sequence)
        else:
            found.append((sequence, sequence))
    return found


def add(ranges: list[Range], span: Span, served_at: int) -> list[Span]:
    """Count a span as served once more, in place; tells which parts of it were served for the first time."""
    first, last = span
    start = bisect_left(ranges, first, key=lambda one: one[1])
    end, pieces, fresh, here = start, [], [], first
    while end < len(ranges) and ranges[end][0] <= last:
        low, high, times, at = ranges[end]
        if low < first:
            pieces.append([low, first - 1, times, at])
        if here < low:
            fresh.append((here, low - 1))
            pieces.append([here, low - 1, 1, served_at])
        pieces.append([max(low, first), min(high, last), times + 1, at])
        if high > last:
            pieces.append([last + 1, high, times, at])
        here, end = high + 1, end + 1
    if here <= last:
        fresh.append((here, last))
        pieces.append([here, last, 1, served_at])
    before, behind = max(0, start - 1), min(len(ranges), end + 1)
    ranges[before:behind] = _joined([*ranges[before:start], *pieces, *ranges[end:behind]])
    return fresh


def missing(ranges: list[Range], wanted: Iterable[Span]) -> Iterator[Span]:
    """Tell which parts of the wanted spans, given in rising order, no range covers."""
    for first, last in wanted:
        here, place = first, bisect_left(ranges, first, key=lambda one: one[1])
        while place < len(ranges) and ranges[place][0] <= last:
            if here < ranges[place][0]:
                yield here, ranges[place][0] - 1
            here, place = ranges[place][1] + 1, place + 1
        if here <= last:
            yield here, last


def size(pieces: Iterable[Span]) -> int:
    """Count what lies in spans."""
    return sum(last - first + 1 for first, last in pieces)


def within(pieces: Iterable[Span], low: int, high: int) -> Iterator[Span]:
    """Cut spans to bounds, both included."""
    for first, last in pieces:
        if max(first, low) <= min(last, high):
            yield max(first, low), min(last, high)


def _joined(pieces: list[Range]) -> list[Range]:
    joined: list[Range] = []
    for piece in pieces:
        former = joined[-1] if joined else None
        same = former is not None and former[1] + 1 == piece[0] and former[2] == piece[2]
        if former is not None and same and abs(piece[3] - former[3]) < SAME_MOMENT:
            former[1], former[3] = piece[1], min(former[3], piece[3])
        else:
            joined.append(piece)
    return joined
