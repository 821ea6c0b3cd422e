"""An evil twin: an application that looks like a known one but for a letter, let in by several people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.lab.scenarios.deeds import consent, register_app
from sandbox.lab.scenarios.parts import at_own_desk, cast, stranger, thief, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.apps.model import App

_SCOPE = "openid profile users:read groups:read"
_ALIKE = str.maketrans({"a": "\u0430", "e": "\u0435", "o": "\u043e", "i": "\u0456", "c": "\u0441"})
"""Cyrillic letters that look like Latin ones (Unicode Technical Standard 39)."""
_VICTIMS = 3


def register(stage: Stage) -> Iterator[timedelta]:
    """Take the name of an application that people use, and change a letter."""

    def known() -> list[str]:
        return list(db.session.scalars(select(App.name).where(App.status == "enabled").order_by(App.id)))

    if not (names := stage.theater.look(known)):
        raise Prevented("nothing_to_find")
    original = stage.rng.choice(names)
    twin = _twin(original)
    victim = cast(stage, "victim", stage.cast.colleague)
    told = register_app(stranger(stage, "attacker", victim), twin, _SCOPE)
    stage.memory["told"] = {"client_id": told["client_id"], "secret": told["client_secret"]}
    stage.involve("client", told["client_id"], "attacker")
    yield stage.between(600, 3600)


def _twin(name: str) -> str:
    """Replace the first letter that has a twin."""
    places = [place for place, letter in enumerate(name) if ord(letter) in _ALIKE]
    return name[: places[0]] + name[places[0]].translate(_ALIKE) + name[places[0] + 1 :] if places else f"{name}."


def lure(stage: Stage) -> Iterator[timedelta]:
    """Several people take it for the one that they know."""
    for number, person in enumerate([who(stage, "victim"), *stage.cast.colleagues(_VICTIMS)]):
        desk = at_own_desk(stage, cast(stage, f"victim {number}", lambda person=person: person))  # type: ignore[misc]
        desk.sign_in(person.email, factor="push")
        yield stage.between(20, 60)
        stage.memory["token"] = consent(desk, stage.memory["told"]["client_id"], _SCOPE)["access_token"]
        yield stage.between(120, 900)


def read(stage: Stage) -> Iterator[timedelta]:
    """Read the directory."""
    program = thief(stage, "attacker", who(stage, "victim"), **stage.memory["told"], token=stage.memory["token"])
    program.read_all("/v1/users", limit=50)
    yield stage.between(1, 8)


SCENARIO = Scenario(
    id="evil_twin_app",
    title="An application that looks like a known one is let in",
    description="One letter of the name of a known application is replaced by its twin; several people let it in.",
    steps=(
        Step("register a twin of a known application", register, "T1036.005"),
        Step("be let in by several people", lure, "T1528"),
        Step("read the directory", read, "T1087.004"),
    ),
    expected_detections=("app_name_imitates_another",),
)
