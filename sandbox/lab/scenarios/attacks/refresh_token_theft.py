"""A stolen refresh token: used from elsewhere, then its rotated predecessor comes again, and all of it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import consent, register_app
from sandbox.lab.scenarios.parts import at_own_desk, cast, thief, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_SCOPE = "openid users:read groups:read"


def owner_lets_app_in(stage: Stage) -> Iterator[timedelta]:
    """Let the owner use an application, which keeps a refresh token."""
    owner = cast(stage, "victim", stage.cast.colleague)
    desk = at_own_desk(stage, owner)
    desk.sign_in(owner.email, factor="push")
    yield stage.between(20, 60)
    told = register_app(desk, "Calendar board", _SCOPE)
    given = consent(desk, told["client_id"], _SCOPE)
    stage.involve("client", told["client_id"], "application")
    stage.memory["told"] = {"client_id": told["client_id"], "secret": told["client_secret"]}
    stage.memory["stolen"] = given["refresh_token"]
    yield stage.between(600, 1800)


def use(stage: Stage) -> Iterator[timedelta]:
    """Use the stolen token with the client's secret, and read people and groups."""
    program = thief(stage, "attacker", who(stage, "victim"), **stage.memory["told"])
    program.ask(grant_type="refresh_token", refresh_token=stage.memory["stolen"])
    yield stage.between(2, 10)
    for path in ("/v1/users", "/v1/groups"):
        program.read_all(path)
        yield stage.between(2, 10)


def application_comes_again(stage: Stage) -> Iterator[timedelta]:
    """The application presents the token that the thief has used up: reuse, and the whole family ends."""
    owner = who(stage, "victim")
    application = stage.program("application", ip=owner.ip, agent="Calendar board/2.1", **stage.memory["told"])
    application.is_refused(grant_type="refresh_token", refresh_token=stage.memory["stolen"])
    yield stage.between(5, 20)


SCENARIO = Scenario(
    id="refresh_token_theft",
    title="A refresh token is stolen and used",
    description="A thief redeems the refresh token of an application; when the application comes with it, all of it ends.",
    steps=(
        Step("the owner lets an application in", owner_lets_app_in, "T1528", role="context"),
        Step("use the stolen refresh token", use, "T1550.001"),
        Step("the application comes with the used token", application_comes_again, "T1528", role="context"),
    ),
    expected_detections=("refresh_token_reused",),
)
