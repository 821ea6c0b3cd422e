"""Events that wait: they get place, time of visibility and hash when they become visible (rulings 11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.foundation import clock
from sandbox.foundation.clock import from_wire
from sandbox.foundation.database import transaction
from sandbox.http.pagination.style import Place
from sandbox.resources.audit_events import seal, service
from sandbox.resources.audit_events.delay import delaying
from tests.sandbox.resources.audit_events.conftest import events

HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
Acme = Callable[[], AbstractContextManager[Any]]


@pytest.fixture
def at(in_acme: None) -> Callable[[timedelta], None]:
    """`at(distance)`: business time stands still, that far from the start."""

    def stand(distance: timedelta) -> None:
        clock.bind(clock.Clock(BEGIN + distance, clock.wall_now(), 0))

    return stand


def follow(after: tuple[int | str, ...] | None) -> tuple[list[str], tuple[int | str, ...] | None]:
    page = service.search(order="asc").turn(Place(100, after, {}))
    return [json.loads(body)["outcome"]["reason"] for body in page.items], page.last


@pytest.mark.storage
def test_delayed_event_is_invisible_until_it_is_due_and_then_the_newest(at: Callable[[timedelta], None]) -> None:
    """Reading releases what is due: no housekeeper is needed. The event keeps the time at which it happened."""
    at(timedelta(0))
    service.record("file.viewed", reason="late", visible_after=HOUR)
    service.record("file.viewed", reason="prompt")
    seen, position = follow(None)
    at(2 * HOUR)
    assert (seen, follow(position)[0]) == (["prompt"], ["late"])
    late = events()[-1]
    assert from_wire(late["occurred_at"]) == BEGIN
    assert from_wire(late["ingested_at"]) == BEGIN + 2 * HOUR


@pytest.mark.storage
@pytest.mark.control("LOG-SaaS-05", time="an event that is late becomes visible when it is due, and says when")
def test_event_is_due_at_its_very_moment(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    service.record("file.viewed", reason="late", visible_after=HOUR)
    at(HOUR - timedelta(milliseconds=1))
    assert follow(None)[0] == []
    at(HOUR)
    assert follow(None)[0] == ["late"]


@pytest.mark.storage
def test_appending_releases_what_is_due_before_the_new_event(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    service.record("file.viewed", reason="b", visible_after=2 * HOUR)
    service.record("file.viewed", reason="a", visible_after=HOUR)
    service.record("file.viewed", reason="far", visible_after=9 * HOUR)
    at(3 * HOUR)
    service.record("file.viewed", reason="new")
    assert [event["outcome"]["reason"] for event in events()] == ["a", "b", "new"]
    assert service.verify()["verified"]


@pytest.mark.storage
def test_events_of_one_transaction_keep_their_order_in_the_queue(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    with transaction():
        for number in range(20):
            service.record("file.viewed", reason=str(number), visible_after=HOUR)
    at(HOUR)
    assert follow(None)[0] == [str(number) for number in range(20)]


def test_queue_knows_the_next_of_those_that_still_wait(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    for hours in (3, 1, 2):
        service.record("file.viewed", reason=str(hours), visible_after=hours * HOUR)
    shown = []
    for hours in (1, 2, 3):
        at(hours * HOUR)
        shown.append(follow(None)[0])
    assert shown == [["1"], ["1", "2"], ["1", "2", "3"]]


@pytest.mark.storage
def test_delayed_event_of_a_rolled_back_transaction_never_existed(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    with pytest.raises(ZeroDivisionError), transaction():
        service.record("file.viewed", visible_after=HOUR)
        raise ZeroDivisionError
    at(HOUR)
    assert follow(None)[0] == []


def test_only_the_named_events_are_delayed(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    with delaying(HOUR, "file.viewed", "session"):
        for action in ("file.viewed", "session.revoked", "file.deleted"):
            service.record(action, reason=action)
    assert follow(None)[0] == ["file.deleted"]


def test_late_event_is_found_by_when_it_happened_and_by_when_it_became_visible(
    at: Callable[[timedelta], None],
) -> None:
    """Two clocks: a reader who remembers the newest `occurred_at` would never meet it."""
    at(timedelta(0))
    service.record("file.viewed", reason="late", visible_after=HOUR)
    at(HOUR / 2)
    service.record("file.viewed", reason="prompt")
    at(2 * HOUR)
    by_event = service.search(since=BEGIN, until=BEGIN + HOUR / 4).turn(Place(9, None, {}))
    by_visibility = service.search(ingested_since=BEGIN + HOUR).turn(Place(9, None, {}))
    newer = service.search(since=BEGIN + HOUR / 2 + timedelta(milliseconds=1)).turn(Place(9, None, {}))
    assert by_event.items == by_visibility.items
    assert (len(by_event.items), newer.items) == (1, [])


def test_log_that_is_opened_anew_still_knows_its_queue(at: Callable[[timedelta], None]) -> None:
    at(timedelta(0))
    service.record("file.viewed", reason="late", visible_after=HOUR)
    with transaction() as session:
        seal.open_log(session, None)
    at(HOUR)
    assert follow(None)[0] == ["late"]
