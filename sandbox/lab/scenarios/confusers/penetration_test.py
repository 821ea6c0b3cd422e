"""A penetration test: hired testers spray passwords from an address that was announced, and get nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.parts import at, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def spray(stage: Stage) -> Iterator[timedelta]:
    """Try one password on everybody."""
    people = stage.cast.colleagues(25)
    first = cast(stage, "tried first", lambda: people[0])
    testers = at(
        stage, "testers", lambda: {"ip": stage.cast.near("home", first), "agent": "Brightforge-Assessment/1.0"}
    )
    for person in people:
        testers.guess(person.email)
        yield stage.between(3, 12)


SCENARIO = Scenario(
    id="penetration_test",
    kind="confuser",
    title="Hired testers try passwords",
    description="A spray from an address whose user agent names the testers; nobody's password was right.",
    steps=(Step("try one password on many people", spray, role="benign"),),
    expected_detections=("password_spray",),
)
