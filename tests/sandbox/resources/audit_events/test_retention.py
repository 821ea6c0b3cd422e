"""Retention: what is older than the tenant keeps is never shown, goes, and leaves an anchor (rulings 10 and 11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from flask.testing import FlaskClient
from sqlalchemy import func, select

from sandbox.foundation import clock
from sandbox.foundation.clock import from_wire, now
from sandbox.foundation.database import db
from sandbox.foundation.problems import CursorExpired, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.pagination.style import Place
from sandbox.resources.audit_events import retention, service, storage
from sandbox.resources.audit_events.chain import first_break
from sandbox.resources.audit_events.model import KEEP_DAYS
from sandbox.resources.configuration.catalog import CATALOG
from tests.sandbox.resources.audit_events.conftest import events

Fill = Callable[[int, int], None]
KEPT = timedelta(days=7)


def stand_at(moment: Any) -> None:
    clock.bind(clock.Clock(moment, clock.wall_now(), 0))


@pytest.fixture
def aged(fill: Fill) -> Callable[..., list[dict[str, Any]]]:
    """`aged(sealed, live, at)`: a log kept for 7 days, seen when event number `at` has been visible for just so long.

    Gives what should be left of it.
    """

    def make(sealed: int, live: int, at: int) -> list[dict[str, Any]]:
        fill(sealed, live)
        everything = events()
        retention.keep_for(KEPT.days)
        oldest = from_wire(everything[at - 1]["ingested_at"])
        stand_at(oldest + KEPT)
        return [event for event in everything if from_wire(event["ingested_at"]) >= oldest]

    return make


def shown(**filters: Any) -> list[dict[str, Any]]:
    return [json.loads(body) for body in service.search(**filters).turn(Place(1000, None, {})).items]


BORDERS = [(25, 7, 4), (25, 7, 10), (25, 7, 25), (25, 7, 26), (25, 7, 31), (0, 7, 3), (25, 0, 20)]


@pytest.mark.storage
@pytest.mark.parametrize(("sealed", "live", "at"), BORDERS)
def test_what_is_too_old_is_not_shown_before_and_after_it_goes(aged: Any, sealed: int, live: int, at: int) -> None:
    kept = aged(sealed, live, at)
    assert shown(order="asc") == shown(order="desc")[::-1] == kept
    retention.move_floor()
    retention.sweep()
    assert shown(order="asc") == shown(order="desc")[::-1] == kept
    assert service.verify()["verified"]


@pytest.mark.storage
def test_chain_goes_on_from_the_anchor(aged: Any) -> None:
    """A reader who has the events and the answer of `integrity` needs nothing else."""
    kept = aged(25, 7, 28)
    result = service.verify()
    anchor, head = result["anchor"], result["head"]
    assert (anchor["sequence"], result["events"]) == (27, len(kept))
    bodies = ((event["integrity"]["sequence"], rfc8785.dumps(event)) for event in kept)
    assert first_break(bodies, anchor["hash"], anchor["sequence"]) == (32, None, head["hash"])


@pytest.mark.storage
def test_only_rows_below_the_floor_are_swept_and_history_stays(aged: Any) -> None:
    aged(25, 7, 30)
    stand_at(now() + timedelta(hours=1))
    retention.move_floor()
    assert retention.sweep() == 7
    mine = storage.LIVE.c.tenant_id == current_tenant_id()
    assert db.session.scalar(select(func.count()).select_from(storage.LIVE).where(mine)) == 0
    assert db.session.scalar(select(func.count()).select_from(storage.BLOCKS)) == 3


@pytest.mark.storage
def test_everything_goes_in_time_and_the_log_goes_on(aged: Any) -> None:
    aged(12, 3, 15)
    stand_at(now() + timedelta(days=30))
    retention.move_floor()
    service.record("file.viewed", reason="new")
    assert [event["integrity"]["sequence"] for event in shown(order="asc")] == [16]
    assert service.verify()["verified"]


@pytest.mark.storage
def test_position_older_than_what_is_kept_is_expired(aged: Any) -> None:
    aged(25, 7, 10)
    floor = storage.floor_of(storage.read_head())
    with pytest.raises(CursorExpired):
        service.search(order="asc").turn(Place(10, (floor - 1,), {}))
    with pytest.raises(CursorExpired):
        service.search(order="desc").turn(Place(10, (floor,), {}))


def test_position_that_missed_nothing_is_good(aged: Any) -> None:
    kept = aged(25, 7, 10)
    floor = storage.floor_of(storage.read_head())
    page = service.search(order="asc").turn(Place(100, (floor,), {}))
    assert [json.loads(body) for body in page.items] == kept


def test_event_beyond_retention_is_not_found_by_id_either(aged: Any) -> None:
    aged(25, 7, 10)
    gone, there = events()[2]["id"], shown(order="asc")[0]["id"]
    with pytest.raises(NotFound):
        service.find_event(gone)
    assert json.loads(service.find_event(there))["id"] == there


def test_longer_retention_does_not_bring_back_what_went(aged: Any) -> None:
    aged(25, 7, 10)
    retention.move_floor()
    floor = storage.read_head().floor
    retention.keep_for(700)
    assert shown(order="asc")[0]["integrity"]["sequence"] == floor + 1


def test_default_is_that_of_the_configuration() -> None:
    assert CATALOG["logging.retention_days"].default == KEEP_DAYS


@pytest.mark.control("LOG-SaaS-04", time="retention runs out in business time")
def test_setting_of_the_tenant_takes_effect_at_once(
    client: FlaskClient, anything: dict[str, str], travel: Callable[[timedelta], None]
) -> None:
    client.post("/v1/groups", json={"name": "Old"}, headers=anything)
    cursor = client.get("/v1/audit-events?order=asc&limit=1", headers=anything).get_json()["page"]["next_cursor"]
    client.post("/v1/groups", json={"name": "Older"}, headers=anything)
    travel(timedelta(days=8))
    key = "/v1/configuration/logging.retention_days"
    etag = client.get(key, headers=anything).headers["ETag"]
    assert client.get("/v1/audit-events", headers=anything).get_json()["data"] != []
    changed = client.patch(key, json={"value": 7}, headers={**anything, "If-Match": etag})
    assert changed.status_code == 200
    left = client.get("/v1/audit-events", headers=anything).get_json()["data"]
    assert [event["action"] for event in left] == ["config.setting.changed"]
    expired = client.get(f"/v1/audit-events?cursor={cursor}", headers=anything)
    assert (expired.status_code, expired.get_json()["code"]) == (410, "cursor-expired")
