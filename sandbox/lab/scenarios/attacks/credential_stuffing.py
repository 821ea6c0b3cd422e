"""Credential stuffing: pairs of addresses and passwords from a leak are tried from many places, once or twice each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.casting import Person, Place
from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import at, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_PEOPLE, _PLACES = 26, 8


def stuff(stage: Stage) -> Iterator[timedelta]:
    """Try the pairs of the leak; some name people who never worked here."""
    people = stage.cast.colleagues(_PEOPLE, with_factor=False)
    victim = cast(stage, "victim", lambda: people[0])
    botnet = [at(stage, f"bot {number}", lambda: _home(stage, victim)) for number in range(_PLACES)]
    for person in people[1:]:
        stage.rng.choice(botnet).guess(person.email)
        stage.involve("user", person.id, "tried")
        yield stage.between(2, 20)
        if stage.rng.random() < 0.4:
            name, _, domain = person.email.partition("@")
            stage.rng.choice(botnet).guess(f"{name}.{stage.rng.randint(1, 99)}@{domain}")
            yield stage.between(2, 20)


def _home(stage: Stage, victim: Person) -> Place:
    """Choose a home line abroad: machines of other people."""
    return {"ip": stage.cast.far("home", victim), "agent": stage.cast.browser(other_than="")}


def get_in(stage: Stage) -> Iterator[timedelta]:
    """One pair is right."""
    bot = stage.visitor("bot 0")
    bot.sign_in(who(stage, "victim").email)
    stage.involve("session", bot.session_id, "attacker")
    yield stage.between(20, 60)


def take(stage: Stage) -> Iterator[timedelta]:
    """Take a look at what is there."""
    yield from take_files(stage.visitor("bot 0"), stage, 5, pause=(10, 60))


SCENARIO = Scenario(
    id="credential_stuffing",
    title="Leaked passwords are tried from many places",
    description="Eight addresses try pairs of a leak, each person once, some of them unknown here; one pair is right.",
    steps=(
        Step("try leaked passwords", stuff, "T1110.004"),
        Step("sign in with a leaked password", get_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("credential_stuffing",),
)
