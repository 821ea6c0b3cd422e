"""A new laptop: the first sign-in with a browser and a system that the person never used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import work
from sandbox.lab.scenarios.parts import at, at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def old_one(stage: Stage) -> Iterator[timedelta]:
    """Work with the old one."""
    person = cast(stage, "person", stage.cast.colleague)
    yield from work(stage, at_own_desk(stage, person), person, files=2)
    yield timedelta(hours=stage.rng.uniform(1, 4))


def new_one(stage: Stage) -> Iterator[timedelta]:
    """Work with the new one, on the same network, and copy what is needed."""
    person = who(stage, "person")
    laptop = at(stage, "laptop", lambda: {"ip": person.ip, "agent": stage.cast.browser(other_than=person.agent)})
    yield from work(stage, laptop, person, files=25)


SCENARIO = Scenario(
    id="new_laptop",
    kind="confuser",
    title="Somebody gets a new laptop",
    description="Same person, same network, another browser, and more downloads than usual.",
    steps=(
        Step("work with the old laptop", old_one, role="benign"),
        Step("work with the new laptop", new_one, role="benign"),
    ),
    expected_detections=(
        "new_device",
        "mass_download",
    ),
)
