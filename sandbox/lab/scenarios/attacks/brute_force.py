"""Brute force, then success: one address guesses a password until it is right, then takes files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import cast, stranger, who
from sandbox.lab.scenarios.plot import Difficulty, Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_TRIES = 13
"""Detections ask for ten failures within five minutes; a hard story stays below that in any five."""


def guess(stage: Stage) -> Iterator[timedelta]:
    """Guess; fewer times than what locks an account, unless somebody made that stricter."""
    victim = cast(stage, "victim", partial(stage.cast.colleague, with_factor=False))
    attacker = stranger(stage, "attacker", victim)
    for _ in range(stage.rng.randint(_TRIES, _TRIES + 4)):
        attacker.guess(victim.email)
        yield stage.between(40, 70) if stage.difficulty is Difficulty.HARD else stage.between(6, 16)


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Sign in with the password that was right."""
    attacker = stage.visitor("attacker")
    attacker.sign_in(who(stage, "victim").email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(15, 60)


def take(stage: Stage) -> Iterator[timedelta]:
    """Take what the victim can see."""
    yield from take_files(stage.visitor("attacker"), stage, stage.rng.randint(7, 11), pause=(15, 90))


SCENARIO = Scenario(
    id="brute_force_success",
    title="A password is guessed, and files are taken with it",
    description="One address tries a dozen passwords of somebody without a second factor, gets in and downloads files.",
    steps=(
        Step("guess the password", guess, "T1110.001"),
        Step("sign in with the guessed password", get_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("brute_force_success",),
)
