"""Slow exfiltration: an insider takes a little more than a normal day's work, every day for two weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_DAYS, _FILES = 10, 28


def take(stage: Stage) -> Iterator[timedelta]:
    """Take some every working day, below what any burst detection asks for."""
    insider = cast(stage, "insider", stage.cast.colleague)
    desk = at_own_desk(stage, insider)
    for _ in range(_DAYS):
        yield stage.until(stage.rng.randint(9, 16))
        desk.sign_in(insider.email, factor="push")
        stage.involve("session", desk.session_id, "insider")
        for wait in take_files(desk, stage, _FILES, pause=(0, 0)):
            yield wait + timedelta(seconds=stage.rng.uniform(60, 400))


SCENARIO = Scenario(
    id="slow_exfiltration",
    title="A colleague takes a little every day",
    description="An insider downloads some thirty files every working day for two weeks: no burst, but more than peers.",
    steps=(Step("take a little every day", take, "T1030"),),
    expected_detections=("download_volume_above_peers",),
)
