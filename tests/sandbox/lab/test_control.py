"""Truth, clock and reset."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation.tenancy import enter
from tests import builders
from tests.sandbox.oauth.journey import Journey

Seeded = Callable[..., Flask]


@pytest.fixture
def app(seeded: Seeded) -> Flask:
    return seeded()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def headers(app: Flask) -> dict[str, str]:
    return fresh(app)


def fresh(app: Flask, client_id: str = "demo-connector") -> dict[str, str]:
    with app.app_context(), enter("acme"):
        scope = "audit:read users:read configuration:read"
        return {"Authorization": f"Bearer {builders.an_access_token(scope, client_id=client_id)}"}


def test_truth_names_events_that_exist(client: FlaskClient, headers: dict[str, str]) -> None:
    lines = [json.loads(line) for line in client.get("/_lab/truth").text.splitlines()]
    log = client.get("/v1/audit-events?limit=1000&order=asc", headers=headers).json
    ids = {event["id"] for event in log["data"]}
    while log["page"]["has_more"]:
        log = client.get(
            "/v1/audit-events", query_string={"cursor": log["page"]["next_cursor"], "limit": 1000}, headers=headers
        ).json
        ids |= {event["id"] for event in log["data"]}
    assert len(lines) > 20
    assert {line["event_id"] for line in lines} <= ids
    assert {line["scenario_id"] for line in lines} == {"brute_force_success", "session_theft"}


def test_planted_misconfigurations_are_really_set(client: FlaskClient, headers: dict[str, str]) -> None:
    planted = [json.loads(line) for line in client.get("/_lab/truth?kind=misconfiguration").text.splitlines()]
    shown = {entry["key"]: entry["value"] for entry in client.get("/v1/configuration", headers=headers).json["data"]}
    assert len(planted) == 3
    assert all(shown[fault["key"]] == fault["value"] != fault["expected"] for fault in planted)


def test_truth_never_shows_in_the_vendors_api(client: FlaskClient, headers: dict[str, str]) -> None:
    page = client.get("/v1/audit-events?limit=1000", headers=headers).text
    assert not any(word in page for word in ("scenario", "malicious", "brute_force", "session_theft"))


def test_unknown_kind_of_truth_is_named(client: FlaskClient) -> None:
    refused = client.get("/_lab/truth?kind=all")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, "?kind")


def test_clock_moves_forward_and_freezes(client: FlaskClient, headers: dict[str, str]) -> None:
    moved = client.put("/_lab/clock", json={"now": "2026-09-10T08:00:00Z", "rate": 0})
    assert moved.json == {"now": "2026-09-10T08:00:00.000Z", "rate": 0.0}
    assert client.get("/v1/users?limit=1", headers=headers).headers["X-Harbor-Time"] == "2026-09-10T08:00:00.000Z"


def test_clock_never_runs_backwards(client: FlaskClient) -> None:
    refused = client.put("/_lab/clock", json={"now": "2026-08-01T00:00:00Z"})
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "pointer"), [({"rate": -1}, "/rate"), ({"now": "2026-09-10T08:00"}, "/now"), ({"speed": 1}, "/speed")]
)
def test_bad_clock_is_named(client: FlaskClient, body: dict[str, object], pointer: str) -> None:
    refused = client.put("/_lab/clock", json=body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, pointer)


def test_moved_clock_voids_cursors(client: FlaskClient, headers: dict[str, str]) -> None:
    """Rulings 10: clock moves raise the epoch sealed in cursors."""
    cursor = client.get("/v1/audit-events?limit=1", headers=headers).json["page"]["next_cursor"]
    client.put("/_lab/clock", json={"now": "2026-09-10T08:00:00Z"})
    refused = client.get("/v1/audit-events", query_string={"cursor": cursor}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (410, "cursor-expired")


def test_reset_puts_back_rows_log_and_clock(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    before = client.get("/v1/audit-events/integrity", headers=headers).json["head"]
    people = client.get("/v1/users?limit=1000", headers=headers).json["data"]
    client.put("/_lab/clock", json={"now": "2026-09-10T08:00:00Z"})
    with app.app_context(), enter("acme"):
        builders.a_user()
    client.get("/v1/roles", headers=headers)  # Denied, which leaves an event.
    assert client.get("/v1/audit-events/integrity", headers=headers).json["events"] == before["sequence"] + 1
    assert client.post("/_lab/reset").status_code == 200
    assert client.get("/v1/users", headers=headers).status_code == 401
    again = fresh(app)
    after = client.get("/v1/audit-events/integrity", headers=again).json
    assert (after["verified"], after["head"]["hash"]) == (True, before["hash"])
    assert client.get("/v1/users?limit=1000", headers=again).json["data"] == people
    assert client.get("/_lab/clock").json["now"].startswith("2026-09-01T00:00:")


@pytest.mark.parametrize("who", ["admin", "auditor", "user"])
def test_codes_open_the_second_factor_of_the_development_identities(client: FlaskClient, who: str) -> None:
    """What the lab shows is what the page for the second factor takes."""
    go = Journey(client)
    go.sign_in((f"{who}@acme.example", f"harbor-{who}"))
    page = go.http.get("/login/factor")
    codes = client.get("/_lab/one-time-codes").json
    assert len(codes) == 3
    assert go.submit(page, code=codes[f"{who}@acme.example"]).status_code == 303


def test_geography_tells_where_each_address_of_the_log_is(client: FlaskClient, headers: dict[str, str]) -> None:
    networks = client.get("/_lab/geography").json["networks"]
    places = {(network["geo"]["city"], network["as"]["number"]) for network in networks}
    events = client.get("/v1/audit-events?limit=200", headers=headers).json["data"]
    told = [event["source"] for event in events if event["source"]["geo"]]
    assert told
    assert {(source["geo"]["city"], source["as"]["number"]) for source in told} <= places
    assert {network["kind"] for network in networks} == {"office", "home", "mobile", "vpn", "hosting"}
