"""Held to ransom: a taken account renames what it can change to another ending, and puts the rest into the trash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import delete, rename, see_files
from sandbox.lab.scenarios.parts import cast, stranger
from sandbox.lab.scenarios.plot import Difficulty, Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_FILES = {Difficulty.NOISY: 90, Difficulty.DEFAULT: 50, Difficulty.HARD: 24}


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Sign in with a password that was found elsewhere."""
    victim = cast(stage, "victim", partial(stage.cast.colleague, with_factor=False))
    attacker = stranger(stage, "attacker", victim)
    attacker.sign_in(victim.email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(60, 240)


def lock_up(stage: Stage) -> Iterator[timedelta]:
    """Give everything another ending, and delete every third."""
    attacker = stage.visitor("attacker")
    for number, file_id in enumerate(see_files(attacker, stage, _FILES[stage.difficulty], own=True)):
        rename(attacker, file_id, ".locked")
        stage.involve("file", file_id, "target")
        yield stage.between(0.5, 3)
        if number % 3 == 0:
            delete(attacker, file_id)
            yield stage.between(0.5, 2)


SCENARIO = Scenario(
    id="ransomware",
    title="Files are renamed and deleted by the dozen",
    description="A taken account gives dozens of files a new ending within minutes, and deletes some of them.",
    steps=(
        Step("sign in with a found password", get_in, "T1078.004"),
        Step("rename and delete files", lock_up, "T1486"),
    ),
    expected_detections=("mass_rename_or_delete",),
)
