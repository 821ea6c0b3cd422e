"""Playing stories: a defender between two steps, time that passes, what a reset leaves, and bad requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation.tenancy import enter
from tests import builders

ADMIN_CLIENT = ("demo-connector", "demo-connector-secret")


@pytest.fixture
def client(seeded: Callable[..., Flask]) -> FlaskClient:
    return seeded().test_client()


def test_defender_who_suspends_the_victim_stops_the_story(client: FlaskClient) -> None:
    paused = _play(client, "brute_force_success", until_step=2)
    assert [step["status"] for step in paused["steps"]] == ["done", "done", "ahead"]
    assert paused["status"] == "paused"
    victim = _truth(client)[-1]["entities"]["user_ids"][0]
    _act(client, f"/v1/users/{victim}/suspend")
    over = client.post(f"/_lab/scenarios/runs/{paused['id']}/continue", json={}).get_json()
    assert over["status"] == "prevented"
    assert over["steps"][2] | {"event_ids": []} == over["steps"][2] | {"status": "prevented", "reason": "session_ended"}
    assert over["steps"][2]["event_ids"] == []


def test_defender_who_ends_the_session_stops_the_thief(client: FlaskClient) -> None:
    paused = _play(client, "session_theft", until_step=1)
    victim = next(one["id"] for one in _entities(client, paused["id"]) if one["role"] == "victim")
    _act(client, f"/v1/users/{victim}/revoke-sessions")
    over = client.post(f"/_lab/scenarios/runs/{paused['id']}/continue", json={}).get_json()
    assert (over["status"], over["steps"][1]["reason"]) == ("prevented", "session_ended")


def test_hardened_setting_stops_the_guessing(client: FlaskClient) -> None:
    """The tenth wrong password locks the account; the refusals are in the log all the same, and in the truth."""
    setting = "/v1/configuration/identity.lockout.threshold"
    etag = client.get(setting, headers=_bearer(client)).headers["ETag"]
    with client.application.app_context(), enter("acme"):
        harder = {"Authorization": f"Bearer {builders.an_access_token('configuration:write')}", "If-Match": etag}
    assert client.patch(setting, headers=harder, json={"value": 10}).status_code == 200
    run = _play(client, "brute_force_success")
    assert (run["status"], run["steps"][0]["reason"]) == ("prevented", "account_locked")
    assert len(run["steps"][0]["event_ids"]) == 11


def test_travelled_time_has_passed_for_everybody_and_cursors_stay_good(client: FlaskClient) -> None:
    headers = _bearer(client)
    before = client.get("/v1/audit-events?order=asc&limit=1", headers=headers)
    run = _play(client, "brute_force_success")
    after = client.get("/v1/users?limit=1", headers=headers).headers["X-Harbor-Time"]
    assert run["started_at"] < run["ended_at"] <= after
    assert after > before.headers["X-Harbor-Time"]
    cursor = before.get_json()["page"]["next_cursor"]
    assert client.get("/v1/audit-events", query_string={"cursor": cursor}, headers=headers).status_code == 200


def test_live_story_goes_on_when_its_time_has_come(seeded: Callable[..., Flask]) -> None:
    app = seeded()
    client = app.test_client()
    run = _play(client, "session_theft", mode="live")
    assert run["status"] == "waiting"
    for _ in range(200):
        run = client.get(f"/_lab/scenarios/runs/{run['id']}").get_json()
        if run["status"] != "waiting":
            break
        client.put("/_lab/clock", json={"now": run["due_at"]})
        app.extensions["housekeeper"].round()
    assert run["status"] == "finished"
    assert [line["event_id"] for line in _truth(client) if line["instance_id"] == run["id"]] == [
        event_id for step in run["steps"] for event_id in step["event_ids"]
    ]


def test_reset_forgets_what_was_played(client: FlaskClient) -> None:
    seeded_truth = _truth(client)
    _play(client, "brute_force_success")
    client.post("/_lab/reset")
    assert _truth(client) == seeded_truth
    assert client.get("/_lab/scenarios/runs").get_json() == {"data": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"difficulty": "easy"}, "/difficulty"),
        ({"mode": "later"}, "/mode"),
        ({"seed": -1}, "/seed"),
        ({"seed": "7"}, "/seed"),
        ({"until_step": 0}, "/until_step"),
        ({"speed": 3}, "/speed"),
    ],
)
def test_bad_request_is_told_by_field_and_plays_nothing(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    refused = client.post("/_lab/scenarios/session_theft/run", json=body)
    assert refused.status_code == 400
    assert [error["pointer"] for error in refused.get_json()["errors"]] == [field]
    assert client.get("/_lab/scenarios/runs").get_json() == {"data": []}


def test_unknown_story_and_run_are_not_found(client: FlaskClient) -> None:
    assert client.post("/_lab/scenarios/world_peace/run", json={}).status_code == 404
    assert client.get("/_lab/scenarios/runs/run_1").status_code == 404
    assert client.post("/_lab/scenarios/runs/run_1/continue", json={}).status_code == 404


def test_story_that_is_over_does_not_go_on(client: FlaskClient) -> None:
    run = _play(client, "forgotten_password")
    refused = client.post(f"/_lab/scenarios/runs/{run['id']}/continue", json={})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "conflict")


def test_same_seed_plays_the_same_story(seeded: Callable[..., Flask]) -> None:
    client = seeded().test_client()
    stories = []
    for _ in range(2):
        client.post("/_lab/reset")
        run = _play(client, "brute_force_success", seed=5)
        entities = [one for one in _entities(client, run["id"]) if one["type"] != "session"]
        stories.append((entities, [len(step["event_ids"]) for step in run["steps"]]))
    assert stories[0] == stories[1]


def _play(client: FlaskClient, scenario_id: str, **given: Any) -> dict[str, Any]:
    answer = client.post(f"/_lab/scenarios/{scenario_id}/run", json=given)
    assert answer.status_code == 201, answer.get_json()
    run: dict[str, Any] = answer.get_json()
    return run


def _truth(client: FlaskClient) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in client.get("/_lab/truth").data.splitlines()]


def _entities(client: FlaskClient, run_id: str) -> list[dict[str, Any]]:
    line = next(line for line in _truth(client) if line["instance_id"] == run_id)
    roles: list[dict[str, Any]] = line["entities"]["roles"]
    return roles


def _act(client: FlaskClient, path: str) -> None:
    acted = client.post(path, headers=_bearer(client, "actions:write"), json={"reason": "seen in the log"})
    assert acted.status_code == 200, acted.get_json()


def _bearer(client: FlaskClient, scope: str = "audit:read configuration:read users:read") -> dict[str, str]:
    form = {"grant_type": "client_credentials", "scope": scope}
    token = client.post("/oauth/token", data=form, auth=ADMIN_CLIENT).get_json()
    return {"Authorization": f"Bearer {token['access_token']}"}
