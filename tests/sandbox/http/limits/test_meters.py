"""Windows, buckets and places, on both shelves: never one request more than the rule allows."""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.http.limits import counters, meters
from sandbox.http.limits.meters import LEASE_SECONDS, Meter, meter
from sandbox.http.limits.rule import parse
from sandbox.http.limits.shelves import Shelf, shelf_at

REDIS = os.environ.get("HARBOR_TEST_REDIS", "redis://127.0.0.1:6379")  # noqa: TID251
START = 1_800_000_000.0
BOTH = ["process", pytest.param("redis", marks=[pytest.mark.redis, pytest.mark.enable_socket])]


class Watch:
    """Wall time that moves when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time

    def whole(self) -> int:
        return int(self.time)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(meters, "_now", watch)
    monkeypatch.setattr(meters, "wall_seconds", watch.whole)
    monkeypatch.setattr(counters, "wall_seconds", watch.whole)
    return watch


@pytest.fixture(params=BOTH)
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "process":
        return shelf_at("process://")
    redis = pytest.importorskip("redis")
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=1).ping()
    except redis.exceptions.ConnectionError:
        if os.environ.get("CI") == "true":  # noqa: TID251
            raise
        pytest.skip("Redis does not answer: start it, or name one in HARBOR_TEST_REDIS")
    return shelf_at(REDIS)


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def measured(text: str, shelf: Shelf) -> Meter:
    (rule,) = parse(text)
    return meter(rule, shelf)


def allowed(one: Meter, key: str, times: int) -> list[bool]:
    return [one.take(key, f"req_{number}").is_allowed for number in range(times)]


def test_bucket_may_be_emptied_in_one_go_and_fills_evenly(watch: Watch, shelf: Shelf, key: str) -> None:
    one = measured("bucket 2/second burst 4", shelf)
    assert allowed(one, key, 5) == [True] * 4 + [False]
    watch.time += 0.5
    assert allowed(one, key, 2) == [True, False]
    watch.time += 3600
    assert allowed(one, key, 5) == [True] * 4 + [False]


def test_bucket_tells_what_is_left_and_how_long_to_wait(watch: Watch, shelf: Shelf, key: str) -> None:
    one = measured("bucket 1/second burst 2", shelf)
    first, second, refused = (one.take(key, "req") for _ in range(3))
    assert [tally.remaining for tally in (first, second, refused)] == [1, 0, 0]
    assert (second.reset, refused.wait) == pytest.approx((2, 1))
    watch.time += refused.wait
    assert one.look(key).is_allowed
    assert one.take(key, "req").is_allowed


def test_looking_at_a_bucket_takes_nothing(watch: Watch, shelf: Shelf, key: str) -> None:
    one = measured("bucket 1/hour", shelf)
    assert [one.look(key).is_allowed for _ in range(3)] == [True] * 3
    assert allowed(one, key, 2) == [True, False]
    assert not one.look(key).is_allowed


def test_places_are_given_back(watch: Watch, shelf: Shelf, key: str) -> None:
    one = measured("2 at once", shelf)
    assert allowed(one, key, 3) == [True, True, False]
    assert not one.look(key).is_allowed
    one.give_back(key, "req_0")
    assert one.look(key).is_allowed
    assert one.take(key, "req_9").is_allowed
    assert not one.take(key, "req_10").is_allowed


def test_place_of_a_request_that_never_ended_comes_back(watch: Watch, shelf: Shelf, key: str) -> None:
    one = measured("1 at once", shelf)
    assert allowed(one, key, 2) == [True, False]
    watch.time += LEASE_SECONDS + 1
    assert one.take(key, "another").is_allowed


def test_places_of_others_are_not_given_back(watch: Watch, shelf: Shelf, key: str) -> None:
    one = measured("1 at once", shelf)
    one.take(key, "mine")
    one.give_back(key, "yours")
    assert not one.look(key).is_allowed


def test_window_opens_again(watch: Watch, key: str) -> None:
    one = measured("2/minute", shelf_at("process://"))
    assert allowed(one, key, 3) == [True, True, False]
    assert one.look(key).wait == 60
    watch.time += 60
    assert one.take(key, "req").is_allowed


@pytest.mark.parametrize("text", ["bucket 5/hour", "5 at once", "5/hour"])
def test_of_many_at_once_as_many_are_let_in_as_the_rule_says(shelf: Shelf, key: str, text: str) -> None:
    one = measured(text, shelf)
    with ThreadPoolExecutor(8) as threads:
        let_in = threads.map(lambda number: one.take(key, f"req_{number}").is_allowed, range(24))
    assert sum(let_in) == 5


@given(pauses=st.lists(st.floats(0, 3), max_size=60), burst=st.integers(1, 5))
def test_bucket_never_gives_more_than_its_rate_and_size(pauses: list[float], burst: int) -> None:
    """Against the definition: in any stretch no more than the burst and what flows in meanwhile."""
    (rule,) = parse(f"bucket 1/second burst {burst}")
    shelf, moments, now = shelf_at("process://"), [], START
    for pause in pauses:
        now += pause
        if shelf.pour("key", now, cost=rule.seconds / rule.amount, depth=rule.seconds)[0]:
            moments.append(now)
    for first in range(len(moments)):
        for last in range(first, len(moments)):
            assert last - first + 1 <= burst + (moments[last] - moments[first]) + 1e-6
