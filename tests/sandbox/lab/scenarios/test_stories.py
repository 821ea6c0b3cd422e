"""Every story can be played at every difficulty, and leaves exactly its truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask

from sandbox.lab.scenarios.catalog import SCENARIOS
from sandbox.lab.scenarios.plot import Difficulty


@pytest.mark.parametrize("difficulty", list(Difficulty))
@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_story_is_played_to_its_end_and_leaves_its_truth(
    seeded: Callable[..., Flask], scenario_id: str, difficulty: Difficulty
) -> None:
    client = seeded().test_client()
    before = _truth(client)
    run = client.post(f"/_lab/scenarios/{scenario_id}/run", json={"difficulty": difficulty.value, "seed": 3}).get_json()
    assert run["status"] == "finished", run
    recorded = [event_id for step in run["steps"] for event_id in step["event_ids"]]
    told = [line["event_id"] for line in _truth(client)[len(before) :]]
    assert told == (recorded if SCENARIOS[scenario_id].kind == "attack" else [])
    assert recorded


def _truth(client: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in client.get("/_lab/truth").data.splitlines()]
