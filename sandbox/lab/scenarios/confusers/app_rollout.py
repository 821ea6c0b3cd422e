"""A roll-out: the organization recommends an application, and dozens of people let it in within the hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import consent, register_app
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_SCOPE = "openid profile users:read groups:read"


def roll_out(stage: Stage) -> Iterator[timedelta]:
    """Register the application, and let people in one after the other."""
    people = stage.cast.colleagues(30)
    first = cast(stage, "first", lambda: people[0])
    told = register_app(at_own_desk(stage, first), "Lunch planner", _SCOPE)
    yield stage.between(300, 900)
    for person in people:
        desk = at_own_desk(stage, person)
        desk.sign_in(person.email, factor="push")
        yield stage.between(5, 20)
        consent(desk, told["client_id"], _SCOPE)
        yield stage.between(20, 120)


SCENARIO = Scenario(
    id="app_rollout",
    kind="confuser",
    title="An application is rolled out",
    description="Thirty people let a new application in within an hour, since everybody was told to.",
    steps=(Step("let the application in", roll_out, role="benign"),),
    expected_detections=("consent_to_unverified_app",),
)
