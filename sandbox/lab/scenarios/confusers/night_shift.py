"""A shift that crosses midnight: somebody works on both sides of the day's border, and of a time zone's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import work
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def work_at_night(stage: Stage) -> Iterator[timedelta]:
    """Work at 23:30 and at 00:30."""
    person = cast(stage, "person", stage.cast.colleague)
    desk = at_own_desk(stage, person)
    yield stage.until(23, on_workday=False) + timedelta(minutes=30)
    for _ in range(2):
        yield from work(stage, desk, person, files=4)
        yield timedelta(minutes=stage.rng.uniform(30, 50))


SCENARIO = Scenario(
    id="night_shift",
    kind="confuser",
    title="Somebody works across midnight",
    description="Two stretches of work around midnight UTC, from the person's own desk.",
    steps=(Step("work at night", work_at_night, role="benign"),),
    expected_detections=("unusual_hour",),
)
