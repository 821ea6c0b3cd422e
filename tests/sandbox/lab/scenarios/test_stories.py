"""Every story can be played at every difficulty, and leaves exactly its truth; what stops one as seeded is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation.tenancy import enter
from sandbox.lab.scenarios.catalog import SCENARIOS
from sandbox.lab.scenarios.plot import Difficulty, Scenario
from sandbox.resources.configuration import service as configuration

ATTACKS = [story for story in SCENARIOS.values() if story.kind == "attack"]
CONFUSERS = [story for story in SCENARIOS.values() if story.kind == "confuser"]


def test_there_are_two_dozen_attacks_and_sixteen_confusers() -> None:
    assert (len(ATTACKS), len(CONFUSERS)) == (24, 16)
    assert len({technique for story in ATTACKS for technique in story.techniques}) >= 18
    assert not any(story.techniques for story in CONFUSERS)


@pytest.mark.parametrize("difficulty", list(Difficulty))
@pytest.mark.parametrize("story", ATTACKS, ids=lambda story: story.id)
def test_attack_is_played_to_its_end_and_leaves_exactly_its_truth(
    seeded: Callable[..., Flask], story: Scenario, difficulty: Difficulty
) -> None:
    client = seeded().test_client()
    _weaken(client, story)
    before = _truth(client)
    run = _play(client, story, difficulty)
    recorded = [event_id for step in run["steps"] for event_id in step["event_ids"]]
    told = _truth(client)[len(before) :]
    assert recorded
    assert [line["event_id"] for line in told] == recorded
    assert {line["technique"] for line in told} <= set(story.techniques)
    assert all(line["entities"]["user_ids"] for line in told)
    assert set(recorded) == _new_events(client)


@pytest.mark.parametrize("story", CONFUSERS, ids=lambda story: story.id)
def test_confuser_is_played_to_its_end_and_leaves_no_truth(seeded: Callable[..., Flask], story: Scenario) -> None:
    client = seeded().test_client()
    before = _truth(client)
    run = _play(client, story, Difficulty.DEFAULT)
    recorded = {event_id for step in run["steps"] for event_id in step["event_ids"]}
    assert _truth(client) == before
    assert recorded
    assert {line["event_id"] for line in _truth(client, "confuser")} == recorded == _new_events(client)


@pytest.mark.parametrize("story", [story for story in ATTACKS if story.prevented_by], ids=lambda story: story.id)
def test_setting_of_the_seeded_company_stops_it(seeded: Callable[..., Flask], story: Scenario) -> None:
    client = seeded().test_client()
    run = client.post(f"/_lab/scenarios/{story.id}/run", json={}).get_json()
    assert run["status"] == "prevented"
    assert [step["reason"] for step in run["steps"] if step["status"] == "prevented"] == ["forbidden_by_setting"]


def test_truth_never_shows_in_the_api(seeded: Callable[..., Flask]) -> None:
    client = seeded().test_client()
    run = client.post("/_lab/scenarios/mass_download/run", json={}).get_json()
    told = orjson.dumps(_all_events(client))
    assert run["id"].encode() not in told
    assert b"scenario" not in told


def _weaken(client: FlaskClient, story: Scenario) -> None:
    with client.application.app_context(), enter("acme"):
        for key, value in story.prevented_by.items():
            configuration.change(key, value=value, expecting=lambda _: None)


def _play(client: FlaskClient, story: Scenario, difficulty: Difficulty) -> dict[str, Any]:
    client.application.extensions["seen_before"] = {event["id"] for event in _all_events(client)}
    run: dict[str, Any] = client.post(
        f"/_lab/scenarios/{story.id}/run", json={"difficulty": difficulty.value, "seed": 3}
    ).get_json()
    assert [step["reason"] for step in run["steps"]] == [None] * len(story.steps)
    assert run["status"] == "finished"
    return run


def _truth(client: FlaskClient, kind: str = "event") -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in client.get(f"/_lab/truth?kind={kind}").data.splitlines()]


def _new_events(client: FlaskClient) -> set[str]:
    """Tell what came into the log while it was played; asking for it leaves a token, which is no part of the story."""
    asked_by_us = {"oauth.token.issued", "api.request"}
    seen, now = client.application.extensions["seen_before"], _all_events(client)
    ours = [event for event in now if event["actor"]["id"] == "demo-connector"]
    assert {event["action"] for event in ours if event["id"] not in seen} <= asked_by_us
    return {event["id"] for event in now} - seen - {event["id"] for event in ours}


def _all_events(client: FlaskClient) -> list[dict[str, Any]]:
    form = {"grant_type": "client_credentials", "scope": "audit:read"}
    token = client.post("/oauth/token", data=form, auth=("demo-connector", "demo-connector-secret")).get_json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    events: list[dict[str, Any]] = client.get(
        "/v1/audit-events", query_string={"ingested_since": "2026-09-01T00:00:00Z", "limit": 1000}, headers=headers
    ).get_json()["data"]
    return events
