"""A business trip: somebody works at home, flies, and works abroad with the same laptop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.casting import Person, Place
from sandbox.lab.scenarios.deeds import work
from sandbox.lab.scenarios.parts import at, at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def at_home(stage: Stage) -> Iterator[timedelta]:
    """Work at the own desk."""
    person = cast(stage, "person", stage.cast.colleague)
    yield from work(stage, at_own_desk(stage, person), person, files=3)
    yield timedelta(hours=stage.rng.uniform(9, 14))


def abroad(stage: Stage) -> Iterator[timedelta]:
    """Work in a hotel, then on the road, with the laptop from home."""
    person = who(stage, "person")
    for kind in ("home", "mobile"):
        place = at(stage, f"{kind} abroad", partial(_abroad, stage, person, kind))
        yield from work(stage, place, person, files=3)
        yield timedelta(hours=stage.rng.uniform(16, 24))


def _abroad(stage: Stage, person: Person, kind: str) -> Place:
    return {"ip": stage.cast.far(kind, person), "agent": person.agent}


SCENARIO = Scenario(
    id="business_trip",
    kind="confuser",
    title="Somebody works abroad",
    description="A person works at home, and after a flight's time in another country, with the same browser.",
    steps=(
        Step("work at home", at_home, role="benign"),
        Step("work abroad", abroad, role="benign"),
    ),
    expected_detections=(
        "impossible_travel",
        "infrequent_country",
    ),
)
