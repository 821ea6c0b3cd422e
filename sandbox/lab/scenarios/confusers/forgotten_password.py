"""A forgotten password: somebody tries at their own desk what they remember, gives up, and is right at last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import work
from sandbox.lab.scenarios.parts import at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def try_to_remember(stage: Stage) -> Iterator[timedelta]:
    """Try, with pauses of somebody who thinks."""
    person = cast(stage, "person", stage.cast.colleague)
    desk = at_own_desk(stage, person)
    for _ in range(stage.rng.randint(6, 9)):
        desk.guess(person.email)
        yield stage.between(8, 45)


def remember(stage: Stage) -> Iterator[timedelta]:
    """Get in, and work as always."""
    person = who(stage, "person")
    yield from work(stage, at_own_desk(stage, person), person, files=3)


SCENARIO = Scenario(
    id="forgotten_password",
    kind="confuser",
    title="Somebody forgot the password",
    description="Half a dozen failures from the person's own network and browser, then the right password.",
    steps=(
        Step("try what comes to mind", try_to_remember, role="benign"),
        Step("remember, and work", remember, role="benign"),
    ),
    expected_detections=("brute_force_success",),
)
