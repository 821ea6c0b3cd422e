"""New colleagues: accounts by the half-dozen, with groups and roles, and their first sign-ins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.lab.scenarios.parts import at, at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.groups import service as groups
from sandbox.resources.groups.model import Group
from sandbox.resources.users import service as users

_PEOPLE = 6


def welcome(stage: Stage) -> Iterator[timedelta]:
    """Create people, put them into a group, and let each sign in for the first time."""
    manager = cast(stage, "manager", lambda: stage.cast.holder("administrator"))
    desk = at_own_desk(stage, manager)
    desk.sign_in(manager.email, factor="push")
    group_id = stage.theater.look(lambda: db.session.scalars(select(Group.id).order_by(Group.id)).first())
    number = stage.rng.randrange(10**6)
    for place in range(_PEOPLE):
        yield stage.between(40, 150)
        email = f"newcomer.{number + place}@{manager.email.partition('@')[2]}"
        name = f"Newcomer {number + place}"
        user_id = desk.do(partial(_add, email, name), needs="users:write")
        if group_id is not None:
            desk.do(partial(groups.add_member, group_id, user_id=user_id), needs="groups:write")
        stage.memory.setdefault("newcomers", []).append(email)


def first_day(stage: Stage) -> Iterator[timedelta]:
    """Let each sign in for the first time, with a laptop that nobody saw before."""
    manager = cast(stage, "manager", lambda: stage.cast.holder("administrator"))
    for email in stage.memory["newcomers"]:
        laptop = at(
            stage, email, lambda: {"ip": stage.cast.near("home", manager), "agent": stage.cast.browser(other_than="")}
        )
        laptop.sign_in(email)
        yield stage.between(200, 1500)


def _add(email: str, name: str) -> str:
    return users.create(email=email, name=name, status="active").id


SCENARIO = Scenario(
    id="onboarding",
    kind="confuser",
    title="New colleagues begin",
    description="Half a dozen accounts within minutes, each put into a group and signing in from a place that is new.",
    steps=(
        Step("create accounts", welcome, role="benign"),
        Step("sign in for the first time", first_day, role="benign"),
    ),
    expected_detections=("account_created_burst",),
)
