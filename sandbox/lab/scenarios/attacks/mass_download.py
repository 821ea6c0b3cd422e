"""A mass download: a colleague who is about to leave takes everything in one evening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Difficulty, Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_FILES = {Difficulty.NOISY: 200, Difficulty.DEFAULT: 110, Difficulty.HARD: 60}


def take(stage: Stage) -> Iterator[timedelta]:
    """Download as quickly as the mouse goes, from the own desk with the own browser."""
    insider = cast(stage, "insider", stage.cast.colleague)
    desk = at_own_desk(stage, insider)
    desk.sign_in(insider.email, factor="push")
    stage.involve("session", desk.session_id, "insider")
    yield stage.between(60, 180)
    pause = (1, 2) if stage.difficulty is Difficulty.HARD else (0.5, 3)
    yield from take_files(desk, stage, _FILES[stage.difficulty], pause=pause)


SCENARIO = Scenario(
    id="mass_download",
    title="A colleague downloads everything in one evening",
    description="An insider downloads more files within minutes than ever before, from the usual network and browser.",
    steps=(Step("download everything", take, "T1530"),),
    expected_detections=("mass_download",),
)
