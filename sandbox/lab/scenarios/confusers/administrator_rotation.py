"""A rotation: the role of an administrator passes from one to another, as the calendar says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import give_role, take_role
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def rotate(stage: Stage) -> Iterator[timedelta]:
    """Give the role to the next one, and take it away from them a week later."""
    leading = cast(stage, "administrator", partial(stage.cast.holder, "administrator"))
    following = cast(stage, "next", partial(stage.cast.holder, "user_manager"))
    desk = at_own_desk(stage, leading)
    desk.sign_in(leading.email, factor="push")
    yield stage.between(60, 200)
    give_role(desk, "administrator", following.id)
    yield timedelta(days=7)
    desk.sign_in(leading.email, factor="push")
    yield stage.between(60, 200)
    take_role(desk, "administrator", following.id)
    yield stage.between(10, 60)


SCENARIO = Scenario(
    id="administrator_rotation",
    kind="confuser",
    title="The role of an administrator passes on",
    description="Somebody in charge of accounts is made an administrator, and is none any more a week later.",
    steps=(Step("rotate the role", rotate, role="benign"),),
    expected_detections=("administrator_role_granted",),
)
