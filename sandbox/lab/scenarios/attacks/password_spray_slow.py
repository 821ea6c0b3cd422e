"""A low and slow spray: one password on many people over a working day, so that no short window shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import at, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_PEOPLE = 24
_SECONDS = (10 * 60 * 60) / _PEOPLE


def spray(stage: Stage) -> Iterator[timedelta]:
    """Try one person every half hour or so."""
    people = stage.cast.colleagues(_PEOPLE, with_factor=False)
    victim = cast(stage, "victim", lambda: people[0])
    attacker = at(stage, "attacker", lambda: {**stage.cast.lair(victim), "ip": stage.cast.far("hosting", victim)})
    for person in people[1:]:
        attacker.guess(person.email)
        stage.involve("user", person.id, "tried")
        yield timedelta(seconds=stage.rng.uniform(0.6, 1.4) * _SECONDS)


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Somebody has that password."""
    attacker = stage.visitor("attacker")
    attacker.sign_in(who(stage, "victim").email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(60, 300)


def take(stage: Stage) -> Iterator[timedelta]:
    """Take a little."""
    yield from take_files(stage.visitor("attacker"), stage, 4, pause=(30, 180))


SCENARIO = Scenario(
    id="password_spray_slow",
    title="One password is tried on many people, slowly",
    description="A data center tries one password on two dozen people over ten hours; one of them has it.",
    steps=(
        Step("try one password on many people, slowly", spray, "T1110.003"),
        Step("sign in where it was right", get_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("password_spray_slow",),
)
