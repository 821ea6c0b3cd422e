"""Reading the log: order, filters, positions, and the border between sealed history and live events (rulings 10-12)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from sandbox.foundation.clock import from_wire
from sandbox.http.pagination.style import Place
from sandbox.resources.audit_events import service, storage
from tests.sandbox.resources.audit_events.conftest import START

FILTERS: list[dict[str, Any]] = [
    {},
    {"actor_id": "usr_1"},
    {"action": "file.viewed"},
    {"outcome": "failure"},
    {"action": "file.downloaded", "actor_id": "usr_2"},
    {"since": START + timedelta(minutes=11), "until": START + timedelta(minutes=30)},
    {"ingested_since": START + timedelta(minutes=12)},
    {"ingested_since": START + timedelta(minutes=12), "ingested_until": START + timedelta(minutes=24)},
    {"ingested_until": START + timedelta(days=10, minutes=4)},
    {"ingested_since": START + timedelta(days=10, minutes=2), "action": "file.viewed"},
    {"ingested_since": START + timedelta(days=400)},
    {"ingested_until": START - timedelta(days=1)},
]


@pytest.mark.storage
@pytest.mark.parametrize(("sealed", "live"), [(0, 0), (0, 9), (35, 0), (30, 9), (33, 12)])
def test_every_filter_in_both_orders_equals_brute_force(
    fill: Callable[[int, int], None], sealed: int, live: int
) -> None:
    fill(sealed, live)
    everything = [json.loads(body) for _, body in storage.walk(storage.read_head())]
    assert [event["integrity"]["sequence"] for event in everything] == list(range(1, sealed + live + 1))
    for filters, order, limit in product(FILTERS, ("asc", "desc"), (1, 4, 10, 1000)):
        expected = [event for event in everything if _matches(event, filters)]
        expected = expected if order == "asc" else expected[::-1]
        assert _read_all({**filters, "order": order}, limit) == expected, (filters, order, limit)


def test_following_feed_goes_on_where_it_stopped(fill: Callable[[int, int], None]) -> None:
    """`asc` without an upper bound never ends: caught up, and later exactly what is new (rulings 10)."""
    fill(12, 3)
    caught_up = service.search(order="asc").turn(Place(1000, None, {}))
    service.record("file.deleted")
    service.record("file.deleted")
    after = service.search(order="asc").turn(Place(1000, caught_up.last, {}))
    assert (caught_up.has_more, caught_up.follows, len(caught_up.items)) == (False, True, 15)
    assert [json.loads(body)["integrity"]["sequence"] for body in after.items] == [16, 17]


def test_following_with_a_filter_does_not_look_twice(fill: Callable[[int, int], None]) -> None:
    """The position of a caught-up feed lies at the head, also when the filter let nothing through."""
    fill(12, 3)
    page = service.search(order="asc", action="export.started").turn(Place(1000, None, {}))
    assert (page.items, page.last, page.follows) == ([], (15,), True)


def test_bounded_feed_ends(fill: Callable[[int, int], None]) -> None:
    fill(12, 0)
    page = service.search(order="asc", ingested_until=START + timedelta(days=1)).turn(Place(1000, None, {}))
    assert (page.has_more, page.follows) == (False, False)


def test_newest_comes_first_by_default(fill: Callable[[int, int], None]) -> None:
    fill(12, 3)
    page = service.search(order="desc").turn(Place(4, None, {}))
    assert [json.loads(body)["integrity"]["sequence"] for body in page.items] == [15, 14, 13, 12]


def test_rows_inserted_while_paging_newest_first_move_nothing(fill: Callable[[int, int], None]) -> None:
    fill(12, 3)
    first = service.search(order="desc").turn(Place(5, None, {}))
    service.record("file.deleted")
    second = service.search(order="desc").turn(Place(5, first.last, {}))
    assert [json.loads(body)["integrity"]["sequence"] for body in second.items] == [10, 9, 8, 7, 6]


def test_visibility_never_goes_back_even_if_the_clock_does(fill: Callable[[int, int], None]) -> None:
    """`ingested_at = max(previous, now)`: a clock that was behind cannot break the order (rulings 11)."""
    from sandbox.foundation import clock

    fill(0, 3)
    clock.bind(clock.Clock(START, clock.wall_now(), 0))
    service.record("file.deleted")
    times = [json.loads(body)["ingested_at"] for _, body in storage.walk(storage.read_head())]
    assert times == sorted(times)


def _read_all(filters: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: tuple[int | str, ...] | None = None
    for _ in range(200):
        page = service.search(**filters).turn(Place(limit, after, {}))
        found += [json.loads(body) for body in page.items]
        if not page.has_more:
            return found
        after = page.last
    raise AssertionError("the pages do not end")


def _matches(event: dict[str, Any], filters: dict[str, Any]) -> bool:
    occurred, ingested = from_wire(event["occurred_at"]), from_wire(event["ingested_at"])
    tests = {
        "actor_id": lambda value: event["actor"]["id"] == value,
        "action": lambda value: event["action"] == value,
        "outcome": lambda value: event["outcome"]["result"] == value,
        "since": lambda value: occurred >= value,
        "until": lambda value: occurred < value,
        "ingested_since": lambda value: ingested >= value,
        "ingested_until": lambda value: ingested < value,
    }
    return all(tests[name](value) for name, value in filters.items())
