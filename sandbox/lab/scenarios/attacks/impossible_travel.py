"""Two places at once: somebody works at home, and signs in from far away within the hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import take_files, work
from sandbox.lab.scenarios.parts import at, at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Difficulty, Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def owner_works(stage: Stage) -> Iterator[timedelta]:
    """Let the owner work at the own desk."""
    owner = cast(stage, "victim", partial(stage.cast.colleague, with_factor=False))
    yield from work(stage, at_own_desk(stage, owner), owner, files=3, factor=None)
    yield timedelta(minutes=stage.rng.uniform(20, 45))


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Sign in with the password from another country; a hard one wears the owner's browser."""
    owner = who(stage, "victim")
    is_hard = stage.difficulty is Difficulty.HARD
    agent = owner.agent if is_hard else stage.cast.browser(other_than=owner.agent)
    attacker = at(stage, "attacker", lambda: {"ip": stage.cast.far("home", owner), "agent": agent})
    attacker.sign_in(owner.email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(20, 60)


def take(stage: Stage) -> Iterator[timedelta]:
    """Take what the victim can see."""
    yield from take_files(stage.visitor("attacker"), stage, stage.rng.randint(5, 9), pause=(20, 90))


SCENARIO = Scenario(
    id="impossible_travel",
    title="Somebody signs in from two countries within the hour",
    description="A person works at home; less than an hour later the account signs in from a country far away.",
    steps=(
        Step("the owner works", owner_works, "T1078.004", role="context"),
        Step("sign in from far away", get_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("impossible_travel",),
)
