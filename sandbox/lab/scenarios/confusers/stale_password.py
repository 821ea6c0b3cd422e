"""A stale password: after a change, the mail program at home goes on with the former one until it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import work
from sandbox.lab.scenarios.parts import at, at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def program_tries(stage: Stage) -> Iterator[timedelta]:
    """Let a program try the former password every minute or so."""
    person = cast(stage, "person", stage.cast.colleague)
    program = at(
        stage, "program", lambda: {"ip": stage.cast.near("home", person), "agent": "Harbor/8.5.0 (iOS 26.5; Phone)"}
    )
    for _ in range(stage.rng.randint(10, 14)):
        program.guess(person.email)
        yield timedelta(seconds=stage.rng.uniform(55, 75))


def person_works(stage: Stage) -> Iterator[timedelta]:
    """Let the person work at the own desk meanwhile."""
    person = who(stage, "person")
    yield from work(stage, at_own_desk(stage, person), person, files=3)


SCENARIO = Scenario(
    id="stale_password",
    kind="confuser",
    title="A program goes on with the former password",
    description="A dozen failures at even intervals from the person's own country, while the person signs in without any.",
    steps=(
        Step("a program tries the former password", program_tries, role="benign"),
        Step("the person works", person_works, role="benign"),
    ),
    expected_detections=("brute_force_success",),
)
