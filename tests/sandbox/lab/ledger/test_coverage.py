"""Ranges, against the plain way of counting."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sandbox.lab.ledger.coverage import add, missing, size, spans

SPAN = st.tuples(st.integers(1, 40), st.integers(0, 12)).map(lambda pair: (pair[0], sum(pair)))


@given(st.lists(SPAN, max_size=12))
def test_ranges_count_as_counting_each_event_does(served: list[tuple[int, int]]) -> None:
    ranges: list[list[int]] = []
    plain: Counter[int] = Counter()
    for number, (first, last) in enumerate(served):
        new = {sequence for sequence in range(first, last + 1) if sequence not in plain}
        plain.update(range(first, last + 1))
        fresh = add(ranges, (first, last), number * 600)
        assert {sequence for low, high in fresh for sequence in range(low, high + 1)} == new
    counted = {sequence: times for first, last, times, _ in ranges for sequence in range(first, last + 1)}
    assert counted == dict(plain)
    assert ranges == sorted(ranges)


@given(st.lists(SPAN, max_size=8), SPAN)
def test_missing_is_what_no_range_covers(served: list[tuple[int, int]], wanted: tuple[int, int]) -> None:
    ranges: list[list[int]] = []
    for span in served:
        add(ranges, span, 0)
    covered = {sequence for first, last in served for sequence in range(first, last + 1)}
    found = {sequence for low, high in missing(ranges, [wanted]) for sequence in range(low, high + 1)}
    assert found == set(range(wanted[0], wanted[1] + 1)) - covered


def test_long_reading_is_one_range() -> None:
    ranges: list[list[int]] = []
    for first in range(1, 100_001, 100):
        add(ranges, (first, first + 99), 5)
    assert ranges == [[1, 100_000, 1, 5]]


def test_spans_keep_the_order() -> None:
    assert spans([5, 6, 7, 3, 4, 9]) == [(5, 7), (3, 4), (9, 9)]
    assert size(spans([5, 6, 7, 3, 4, 9])) == 6
