"""A password spray: one address tries one likely password on many people, fast, until somebody has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import at, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_PEOPLE = 30


def spray(stage: Stage) -> Iterator[timedelta]:
    """Try everybody once."""
    people = stage.cast.colleagues(_PEOPLE, with_factor=False)
    victim = cast(stage, "victim", lambda: people[0])
    attacker = at(stage, "attacker", lambda: stage.cast.lair(victim))
    for person in people[1:]:
        attacker.guess(person.email)
        stage.involve("user", person.id, "tried")
        yield stage.between(3, 16)


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Somebody has that password."""
    attacker = stage.visitor("attacker")
    attacker.sign_in(who(stage, "victim").email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(20, 60)


def take(stage: Stage) -> Iterator[timedelta]:
    """Take a look at what is there."""
    yield from take_files(stage.visitor("attacker"), stage, 5, pause=(20, 90))


SCENARIO = Scenario(
    id="password_spray",
    title="One password is tried on many people",
    description="One address tries one password on everybody it knows within minutes; one of them has it.",
    steps=(
        Step("try one password on many people", spray, "T1110.003"),
        Step("sign in where it was right", get_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("password_spray",),
)
