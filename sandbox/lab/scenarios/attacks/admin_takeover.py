"""Self-made administrator: a privileged person gives themselves more, and switches off what would have been in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from sandbox.foundation.database import db
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.configuration import service as configuration
from sandbox.resources.roles import service as roles


def elevate(stage: Stage) -> Iterator[timedelta]:
    """Give an accomplice the role of an administrator."""
    insider = cast(stage, "insider", partial(stage.cast.holder, "administrator"))
    accomplice = cast(stage, "accomplice", stage.cast.colleague)
    desk = at_own_desk(stage, insider)
    desk.sign_in(insider.email, factor="push")
    stage.involve("session", desk.session_id, "insider")
    yield stage.between(30, 120)

    def grant() -> None:
        role = db.session.scalars(roles.search(key="administrator")).one()
        roles.grant(role.id, user_id=accomplice.id)

    desk.do(grant)
    yield stage.between(20, 60)


def weaken(stage: Stage) -> Iterator[timedelta]:
    """Switch the second factor off."""
    desk = at_own_desk(stage, cast(stage, "insider", stage.cast.colleague))
    weaker: dict[str, Any] = {"identity.mfa.enforcement": "optional", "identity.mfa.number_matching": False}
    for key, value in weaker.items():
        desk.do(partial(configuration.change, key, value=value, expecting=lambda _: None))
        yield stage.between(15, 60)


SCENARIO = Scenario(
    id="admin_takeover",
    title="Somebody is made an administrator, and the second factor is switched off",
    description="An administrator gives the role to a colleague who never had any, and weakens what guards the sign-in.",
    steps=(
        Step("make an administrator", elevate, "T1098.003"),
        Step("switch the second factor off", weaken, "T1556.006"),
    ),
    expected_detections=("administrator_granted", "mfa_weakened"),
)
