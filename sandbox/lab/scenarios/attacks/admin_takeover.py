"""Self-made administrator: somebody gives the role to an accomplice, and switches off what would be in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import give_role, set_to
from sandbox.lab.scenarios.parts import at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def elevate(stage: Stage) -> Iterator[timedelta]:
    """Give an accomplice the role of an administrator."""
    insider = cast(stage, "insider", partial(stage.cast.holder, "administrator"))
    accomplice = cast(stage, "accomplice", stage.cast.colleague)
    desk = at_own_desk(stage, insider)
    desk.sign_in(insider.email, factor="push")
    stage.involve("session", desk.session_id, "insider")
    yield stage.between(30, 120)
    give_role(desk, "administrator", accomplice.id)
    yield stage.between(20, 60)


def weaken(stage: Stage) -> Iterator[timedelta]:
    """Make the second factor weaker."""
    desk = at_own_desk(stage, who(stage, "insider"))
    for key, value in (("identity.mfa.factors", ["totp", "push", "sms"]), ("identity.mfa.number_matching", False)):
        set_to(desk, key, value)
        yield stage.between(15, 60)


SCENARIO = Scenario(
    id="admin_takeover",
    title="Somebody is made an administrator, and the second factor is weakened",
    description="An administrator gives the role to a colleague who never had any, and weakens what guards the sign-in.",
    steps=(
        Step("make an administrator", elevate, "T1098.003"),
        Step("weaken the second factor", weaken, "T1556.006"),
    ),
    expected_detections=("administrator_role_granted", "security_control_weakened"),
)
