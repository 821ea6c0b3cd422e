"""The log over HTTP: two clocks as query, one event, the catalog and the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from sandbox.foundation.clock import to_wire
from sandbox.resources.audit_events import service
from sandbox.resources.audit_events.catalog import ACTIONS
from tests.sandbox.resources.audit_events.conftest import START, events, occurred_at

Fill = Callable[[int, int], None]
Ask = Callable[..., Any]


@pytest.fixture
def ask(client: FlaskClient, anything: dict[str, str]) -> Ask:
    """`ask(since=…)`: the sequences of the answer, in the order that is asked for."""

    def get(**query: Any) -> list[int]:
        answer = client.get("/v1/audit-events", query_string={"order": "asc", "limit": 1000, **query}, headers=anything)
        assert answer.status_code == 200, answer.get_json()
        return [event["integrity"]["sequence"] for event in answer.get_json()["data"]]

    return get


def minute(number: float) -> str:
    return to_wire(START + timedelta(minutes=number))


# Pairs of seeded events become visible together, in the even minutes: 2 and 3 in minute 2, 4 and 5 in minute 4.
VISIBLE = [
    ({"ingested_since": minute(4)}, [4, 5, 6, 7, 8, 9]),
    ({"ingested_until": minute(4)}, [1, 2, 3]),
    ({"ingested_since": minute(4), "ingested_until": minute(4)}, []),
    ({"ingested_since": minute(4), "ingested_until": minute(6)}, [4, 5]),
    ({"ingested_since": minute(4).replace(".000Z", ".0001Z")}, [6, 7, 8, 9]),
    ({"ingested_until": minute(4).replace(".000Z", ".0001Z")}, [1, 2, 3, 4, 5]),
    ({"ingested_since": minute(4).replace("Z", "+00:00")}, [4, 5, 6, 7, 8, 9]),
    ({"ingested_since": minute(64).replace("Z", "+01:00")}, [4, 5, 6, 7, 8, 9]),
    ({"ingested_since": minute(8)}, [8, 9]),
    ({"ingested_since": minute(8.001)}, []),
    ({"ingested_until": "9999-12-31T23:59:59.999Z"}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ({"ingested_since": "9999-12-31T23:59:59.999Z"}, []),
    ({"ingested_until": "0001-01-01T00:00:00Z"}, []),
    ({"ingested_since": minute(6), "ingested_until": minute(4)}, []),
]


@pytest.mark.parametrize(("query", "expected"), VISIBLE)
@pytest.mark.control("LOG-SaaS-03", call="GET /v1/audit-events?ingested_since=")
def test_bounds_on_visibility_are_inclusive_below_and_exclusive_above(
    fill: Fill, ask: Ask, query: dict[str, str], expected: list[int]
) -> None:
    fill(9, 0)
    assert ask(**query) == expected
    assert ask(**query, order="desc") == expected[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_bounds_on_the_event_itself_are_inclusive_below_and_exclusive_above(fill: Fill, ask: Ask, order: str) -> None:
    fill(9, 0)
    since, until = to_wire(occurred_at(1)), to_wire(occurred_at(7))
    expected = [number for number in range(1, 10) if occurred_at(1) <= occurred_at(number) < occurred_at(7)]
    assert sorted(ask(since=since, until=until, order=order)) == expected
    assert 1 in expected
    assert 7 not in expected


@pytest.mark.parametrize("name", ["since", "until", "ingested_since", "ingested_until"])
@pytest.mark.parametrize(
    "value",
    ["2026-08-01T00:00:00", "yesterday", "", "0001-01-01T00:00:00+14:00", "1754006400"],
)
def test_bound_that_is_no_moment_is_named(client: FlaskClient, anything: dict[str, str], name: str, value: str) -> None:
    answer = client.get("/v1/audit-events", query_string={name: value}, headers=anything)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"?{name}"]


@pytest.mark.storage
@pytest.mark.parametrize("number", [1, 10, 11, 25, 26, 28])
def test_event_is_found_by_id_in_both_parts(fill: Fill, number: int) -> None:
    fill(25, 3)
    event = events()[number - 1]
    assert json.loads(service.find_event(event["id"])) == event


def test_one_event_over_http(client: FlaskClient, anything: dict[str, str], fill: Fill) -> None:
    fill(12, 2)
    (newest,) = client.get("/v1/audit-events?limit=1", headers=anything).get_json()["data"]
    answer = client.get(f"/v1/audit-events/{newest['id']}", headers=anything)
    assert answer.get_json() == newest
    again = client.get(
        f"/v1/audit-events/{newest['id']}", headers={**anything, "If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "event_id", ["evt_01k4m3w8zq5n0r7d2c6t9xbvhe", "evt_1", "usr_01k4m3w8zq5n0r7d2c6t9xbvhe", "evt_" + "z" * 26, "ünü"]
)
def test_unknown_event_is_not_found(client: FlaskClient, anything: dict[str, str], event_id: str) -> None:
    answer = client.get(f"/v1/audit-events/{event_id}", headers=anything)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["", "/actions", "/schema", "/integrity", "/evt_1"])
def test_log_is_for_those_who_may_read_it(client: FlaskClient, token: Any, path: str) -> None:
    assert client.get(f"/v1/audit-events{path}").status_code == 401
    assert client.get(f"/v1/audit-events{path}", headers=token("users:read")).status_code == 403


def test_log_of_one_tenant_is_not_that_of_another(client: FlaskClient, token: Any, fill: Fill) -> None:
    fill(0, 3)
    event_id = events()[0]["id"]
    others = token("audit:read", tenant="other")
    assert client.get("/t/other/v1/audit-events", headers=others).get_json()["data"] == []
    assert client.get(f"/t/other/v1/audit-events/{event_id}", headers=others).status_code == 404


@pytest.mark.control("LOG-SaaS-06", call="GET /v1/audit-events/actions")
def test_catalog_tells_every_action_with_its_details(client: FlaskClient, anything: dict[str, str]) -> None:
    listed = client.get("/v1/audit-events/actions", headers=anything).get_json()["data"]
    assert {entry["action"] for entry in listed} == ACTIONS.keys()
    for entry in listed:
        Draft202012Validator.check_schema(entry["details"])
        assert entry["since"]


@pytest.mark.control("LOG-SaaS-02", call="GET /v1/audit-events/schema")
def test_schema_accepts_what_the_log_holds_and_nothing_else(
    client: FlaskClient, anything: dict[str, str], fill: Fill
) -> None:
    fill(0, 1)
    schema = client.get("/v1/audit-events/schema", headers=anything).get_json()
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    event = events()[0] | {"action": "api.request", "category": "access", "details": {"status": 200}}
    assert judge.is_valid(event)
    assert not judge.is_valid(event | {"details": {"status": "200"}})
    assert not judge.is_valid(event | {"category": "file"})
    assert not judge.is_valid({name: value for name, value in event.items() if name != "source"})
