"""`python -m seed`."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from seed import Dataset
from seed.cli import main


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def test_summary_is_for_people(mini: Dataset) -> None:
    code, output = run("--profile", "mini")
    assert code == 0
    assert "Acme Robotics · profile mini · seed 7" in output
    assert "session_theft-1" in output


def test_summary_counts_what_is_there(mini: Dataset, mini_events: list[Any]) -> None:
    code, output = run("--profile", "mini", "--json")
    summary = json.loads(output)
    assert code == 0
    assert sum(summary["events"].values()) == len(mini_events)
    assert sum(summary["people"].values()) == len(mini.people)


def test_events_are_one_object_a_line(mini_events: list[Any]) -> None:
    code, output = run("--profile", "mini", "--events")
    assert code == 0
    assert [json.loads(line) for line in output.splitlines()] == mini_events


def test_unknown_profile_is_a_usage_error() -> None:
    code, output = run("--profile", "huge")
    assert code == 2
    assert "large, medium, mini, small" in output


def test_geography_is_the_address_plan() -> None:
    code, output = run("geography")
    networks = json.loads(output)
    assert code == 0
    assert {"cidr", "kind", "geo", "as"} == networks[0].keys()
    assert any(":" in network["cidr"] and network["kind"] == "mobile" for network in networks)


def test_posture_is_taken_into_account() -> None:
    code, output = run("--profile", "mini", "--posture", "hardened", "--json")
    assert code == 0
    assert json.loads(output)["misconfigurations"] == []
