"""Named streams, quantile samples and exact shares."""

from __future__ import annotations

from collections import Counter
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from seed.randomness import Streams, lognormal_pool, share_out, spread


def test_stream_begins_anew_each_time_it_is_opened() -> None:
    streams = Streams(7)
    assert streams.stream("a").random() == streams.stream("a").random()


def test_stream_does_not_depend_on_others_that_were_opened_and_used() -> None:
    busy = Streams(7)
    for number in range(5):
        busy.stream("other", number).random()
    assert busy.stream("mine").random() == Streams(7).stream("mine").random()


def test_streams_differ_by_name_scope_and_seed() -> None:
    numbers = {
        Streams(7).number("a"),
        Streams(7).number("b"),
        Streams(8).number("a"),
        Streams(7).below("scope").number("a"),
        Streams(7).number("a", "a"),
    }
    assert len(numbers) == 5


def test_scope_is_the_front_of_the_name() -> None:
    assert Streams(7).below("a", 1).number("b") == Streams(7).number("a", 1, "b")


def test_spread_has_the_same_values_in_another_order_for_another_seed() -> None:
    one, other = (spread(99, 1.2, Streams(seed).stream("x")) for seed in (1, 2))
    assert sorted(one) == sorted(other)
    assert one != other
    assert median(one) == 1.0


def test_pool_stays_within_its_bounds() -> None:
    pool = lognormal_pool(512, median=1.0, sigma=1.1, low=0.05, high=8.0)
    assert pool == sorted(pool)
    assert 0.05 <= pool[0] < 1 < pool[-1] <= 8.0


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=12), st.integers(0, 2000))
def test_shares_are_exact_to_one(weights: list[int], size: int) -> None:
    counts = Counter(share_out(list(enumerate(weights)), size))
    assert counts.total() == size
    for item, weight in enumerate(weights):
        assert abs(counts[item] - size * weight / sum(weights)) < 1
