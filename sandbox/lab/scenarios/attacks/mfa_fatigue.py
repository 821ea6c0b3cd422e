"""Fatigue: somebody who knows the password asks for the second factor until its owner gives in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import cast, stranger, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def ask(stage: Stage) -> Iterator[timedelta]:
    """Ask again and again; the owner says no."""
    victim = cast(stage, "victim", partial(stage.cast.colleague, with_factor=True))
    attacker = stranger(stage, "attacker", victim)
    for _ in range(stage.rng.randint(6, 10)):
        attacker.is_denied(victim.email, factor="push")
        yield stage.between(20, 75)


def give_in(stage: Stage) -> Iterator[timedelta]:
    """The owner gives in."""
    attacker = stage.visitor("attacker")
    attacker.sign_in(who(stage, "victim").email, factor="push")
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(15, 60)


def take(stage: Stage) -> Iterator[timedelta]:
    """Take what the victim can see."""
    yield from take_files(stage.visitor("attacker"), stage, stage.rng.randint(6, 10), pause=(15, 60))


SCENARIO = Scenario(
    id="mfa_fatigue",
    title="The second factor is asked for until its owner gives in",
    description="The password is known; half a dozen push messages are denied within minutes, then one is confirmed.",
    steps=(
        Step("ask for the second factor again and again", ask, "T1621"),
        Step("the owner gives in", give_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("mfa_fatigue",),
)
