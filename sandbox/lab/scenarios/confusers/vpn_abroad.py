"""Remote access: somebody goes through the company's exit in another country, within minutes of working at home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import work
from sandbox.lab.scenarios.parts import at, at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def at_home(stage: Stage) -> Iterator[timedelta]:
    """Work at the own desk."""
    person = cast(stage, "person", stage.cast.colleague)
    yield from work(stage, at_own_desk(stage, person), person, files=3)
    yield timedelta(minutes=stage.rng.uniform(2, 10))


def through_exit(stage: Stage) -> Iterator[timedelta]:
    """Switch remote access on, whose exit is abroad."""
    person = who(stage, "person")
    exit_ = at(stage, "exit", lambda: {"ip": stage.cast.far("vpn", person), "agent": person.agent})
    yield from work(stage, exit_, person, files=4)


SCENARIO = Scenario(
    id="vpn_abroad",
    kind="confuser",
    title="Somebody uses remote access with an exit abroad",
    description="Two countries within minutes: the second is the exit of the remote access that colleagues use too.",
    steps=(
        Step("work at home", at_home, role="benign"),
        Step("work through remote access", through_exit, role="benign"),
    ),
    expected_detections=(
        "impossible_travel",
        "token_two_networks",
    ),
)
