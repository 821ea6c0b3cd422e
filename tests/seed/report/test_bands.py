"""The twelve statistics lie in their bands, and say so truthfully when they do not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from seed import Dataset, plan
from seed.cli import main
from seed.event import Event
from seed.planning import build
from seed.profile import load_profile
from seed.report import Report, measure


@pytest.fixture(scope="module")
def report(small: Dataset) -> Report:
    return measure(small)


def figure(report: Report, number: int, name: str) -> float:
    return next(one.value for one in report.answers[number - 1].figures if one.name == name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_figures_lie_in_band(seed: int) -> None:
    assert [(answer.title, one.name, one.value) for answer, one in measure(plan("small", seed)).outside()] == []


def test_report_has_the_twelve_and_the_delivery_of_the_log(report: Report) -> None:
    assert [answer.number for answer in report.answers] == list(range(1, 14))
    assert all(answer.figures and answer.basis for answer in report.answers)


def test_ordinary_events_are_all_but_the_planted_ones(small: Dataset, report: Report, benign: list[Any]) -> None:
    assert report.events == len(benign)


def test_figures_are_what_another_count_gives(report: Report, benign: list[Any]) -> None:
    """Counted the plain way, over the whole list; the others have judges of their own in `test_statistics`."""
    outcomes = Counter(event["action"] for event in benign)
    failed, succeeded = outcomes["auth.login.failed"], outcomes["auth.login.succeeded"]
    theirs = sum(event["actor"]["type"] == "service" for event in benign)
    lengths = Counter(event["session_id"] for event in benign if event["session_id"])
    assert figure(report, 1, "failed of all") == pytest.approx(failed / (failed + succeeded))
    assert figure(report, 10, "share of the log") == pytest.approx(theirs / len(benign))
    assert figure(report, 7, "longest") == max(lengths.values())


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"login_failure_share": 0.15}, 1),
        ({"weekend_presence": 0.9}, 5),
        ({"travelers": 90}, 9),
        ({"dormant": 80}, 12),
        ({"administrators": 30}, 12),
        ({"late_share": 0.001}, 13),
    ],
    ids=str,
)
def test_company_that_is_not_lifelike_is_told_so(change: dict[str, Any], number: int) -> None:
    strange = measure(build(replace(load_profile("small"), events=30_000, **change), 7))
    assert number in {answer.number for answer, _ in strange.outside()}


def test_perfect_clockwork_of_people_is_told_so(small: Dataset) -> None:
    """Everybody does the same, once an hour, day and night."""

    class Monotony:
        def events(self) -> Any:
            first = next(small.events())
            people = [person for person in small.people if person.status == "active" and person.type == "human"]
            for hour in range(0, 720, 2):
                for person in people[:40]:
                    yield at(first, hour, person.id)

    strange = measure(replace(small, stream=Monotony()))  # type: ignore[arg-type]
    assert {3, 4, 5, 7} <= {answer.number for answer, _ in strange.outside()}


def at(event: Event, hour: int, who: str) -> Event:
    moment = f"2026-08-{2 + hour // 24:02}T{hour % 24:02}:30:00.000Z" if hour < 700 else "2026-08-31T23:00:00.000Z"
    actor: Any = {"type": "user", "id": who, "email": None, "name": None}
    return {**event, "actor": actor, "session_id": "ses_1", "occurred_at": moment, "ingested_at": moment}


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["report", *arguments])
    return result.exit_code, result.output


def test_command_prints_value_band_and_verdict() -> None:
    code, output = run("--profile", "small", "--seed", "7")
    assert code == 0
    assert "2 % to 6 %" in output
    assert "all 31 figures lie in band" in output


def test_command_fails_and_names_what_lies_outside() -> None:
    """A company of twenty is too small for most of it."""
    code, output = run("--profile", "mini", "--json")
    measured = json.loads(output)
    outside = [one for each in measured["statistics"] for one in each["figures"] if not one["in_band"]]
    assert code == 1
    assert measured["in_band"] is False
    assert outside
