"""A stolen session: the cookie of somebody at work is replayed from elsewhere while its owner goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.parts import at_own_desk, cast, download, see_files, stranger
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def work(stage: Stage) -> Iterator[timedelta]:
    """Let the owner sign in, with a second factor, and work."""
    owner = cast(stage, "victim", partial(stage.cast.colleague, with_factor=True))
    desk = at_own_desk(stage, owner)
    desk.sign_in(owner.email, factor="push")
    stage.involve("session", desk.session_id, "stolen")
    for file_id in see_files(desk, stage, 4):
        yield stage.between(20, 90)
        download(desk, file_id)
    yield stage.between(60, 120)


def replay(stage: Stage) -> Iterator[timedelta]:
    """Replay the cookie: no sign-in, so no second factor helps."""
    owner = cast(stage, "victim", stage.cast.colleague)
    thief = stranger(stage, "attacker", owner)
    thief.takes_over(at_own_desk(stage, owner))
    for file_id in see_files(thief, stage, stage.rng.randint(10, 14)):
        download(thief, file_id)
        yield stage.between(10, 60)


SCENARIO = Scenario(
    id="session_theft",
    title="A running session is used from another network",
    description="The cookie of somebody at work is replayed from elsewhere: same session, other network and browser.",
    steps=(
        Step("the owner works", work, "T1539", role="context"),
        Step("replay the session", replay, "T1550.004"),
    ),
    expected_detections=("token_two_networks", "impossible_travel"),
)
