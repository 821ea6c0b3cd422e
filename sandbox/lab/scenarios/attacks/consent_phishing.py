"""Consent phishing: a stranger registers an application, somebody lets it in, and it reads what they can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import consent, register_app
from sandbox.lab.scenarios.parts import at_own_desk, cast, stranger, thief, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage

_SCOPE = "openid profile offline_access users:read groups:read files:read"


def register(stage: Stage) -> Iterator[timedelta]:
    """Register an application with a name that invites trust."""
    victim = cast(stage, "victim", stage.cast.colleague)
    told = register_app(stranger(stage, "attacker", victim), "Shared document viewer", _SCOPE)
    stage.memory["told"] = {"client_id": told["client_id"], "secret": told["client_secret"]}
    stage.involve("client", told["client_id"], "attacker")
    yield stage.between(600, 3600)


def lure(stage: Stage) -> Iterator[timedelta]:
    """The victim follows a link and lets it in."""
    victim = who(stage, "victim")
    desk = at_own_desk(stage, victim)
    desk.sign_in(victim.email, factor="push")
    yield stage.between(20, 60)
    given = consent(desk, stage.memory["told"]["client_id"], _SCOPE)
    stage.memory["token"] = given["access_token"]
    yield stage.between(30, 120)


def read(stage: Stage) -> Iterator[timedelta]:
    """Read the directory with what it was given, in one go."""
    program = thief(stage, "attacker", who(stage, "victim"), **stage.memory["told"], token=stage.memory["token"])
    for path in ("/v1/users", "/v1/groups"):
        program.read_all(path, limit=50)
        yield stage.between(1, 8)


SCENARIO = Scenario(
    id="consent_phishing",
    title="An application that nobody knows is let in, and reads the directory",
    description="A stranger registers an application under a harmless name; one person lets it in, and it reads everybody.",
    steps=(
        Step("register an application", register, "T1583.006"),
        Step("be let in", lure, "T1528"),
        Step("read the directory", read, "T1087.004"),
    ),
    expected_detections=("consent_to_unverified_app",),
)
