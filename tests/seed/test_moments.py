"""Milliseconds, their text, and identifiers that carry them, against the standard library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from seed.identifiers import identifier, random_parts
from seed.moments import milliseconds, moment, wire_time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
MOMENTS = st.integers(0, 4_102_444_800_000)


@given(MOMENTS)
def test_text_of_a_moment_is_its_iso_form(ms: int) -> None:
    """RFC 3339, UTC, milliseconds."""
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert wire_time(ms) == expected.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@given(MOMENTS)
def test_moment_comes_back_unchanged(ms: int) -> None:
    assert milliseconds(moment(ms)) == ms


@given(MOMENTS, st.integers(0, 2**32))
def test_identifier_is_a_ulid_of_its_moment(ms: int, seed: int) -> None:
    prefix, _, ulid = identifier("usr", ms, Random(seed)).partition("_")
    value = 0
    for letter in ulid:
        value = value * 32 + ALPHABET.index(letter)
    assert (prefix, len(ulid), value >> 80) == ("usr", 26, ms)


@given(st.lists(MOMENTS, min_size=2, max_size=2, unique=True))
def test_identifiers_sort_by_moment(pair: list[int]) -> None:
    early, late = (identifier("evt", ms, Random(1)) for ms in sorted(pair))
    assert early < late


def test_random_parts_do_not_repeat() -> None:
    parts = random_parts(Random(7))
    drawn = [next(parts) for _ in range(2_000)]
    assert len(set(drawn)) == 2_000
    assert {len(part) for part in drawn} == {16}
