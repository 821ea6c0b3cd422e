"""A stolen API token: made by its owner, used by somebody else from elsewhere to read everything it can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import make_token
from sandbox.lab.scenarios.parts import at_own_desk, cast, thief, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def owner_makes_token(stage: Stage) -> Iterator[timedelta]:
    """Let the owner make a token for a script."""
    owner = cast(stage, "victim", stage.cast.colleague)
    desk = at_own_desk(stage, owner)
    desk.sign_in(owner.email, factor="push")
    yield stage.between(60, 300)
    stage.memory["token"] = make_token(desk, "Weekly report", {"users:read", "groups:read"})
    script = stage.program("script", ip=owner.ip, agent="weekly-report/1.4", token=stage.memory["token"])
    for _ in range(3):
        script.get("/v1/users?limit=5")
        yield timedelta(hours=24)


def read(stage: Stage) -> Iterator[timedelta]:
    """Read the directory, all of it, again and again."""
    program = thief(stage, "attacker", who(stage, "victim"), token=stage.memory["token"])
    for _ in range(3):
        for path in ("/v1/users", "/v1/groups"):
            program.read_all(path, pages=20, limit=50)
            yield stage.between(2, 20)


SCENARIO = Scenario(
    id="api_token_theft",
    title="An API token is used by somebody else",
    description="A token that a script used from one place for days reads the whole directory from another one.",
    steps=(
        Step("the owner makes a token", owner_makes_token, "T1552.001", role="context"),
        Step("read the directory with the stolen token", read, "T1087.004"),
    ),
    expected_detections=("api_token_new_network",),
)
