"""A stolen session: the cookie of somebody at work is replayed from elsewhere while its owner goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import take_files, work
from sandbox.lab.scenarios.parts import at_own_desk, cast, stranger, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def owner_works(stage: Stage) -> Iterator[timedelta]:
    """Let the owner sign in, with a second factor, and work."""
    owner = cast(stage, "victim", partial(stage.cast.colleague, with_factor=True))
    desk = at_own_desk(stage, owner)
    yield from work(stage, desk, owner, files=4)
    stage.involve("session", desk.session_id, "stolen")


def replay(stage: Stage) -> Iterator[timedelta]:
    """Replay the cookie: no sign-in, so no second factor helps."""
    owner = who(stage, "victim")
    thief = stranger(stage, "attacker", owner)
    thief.takes_over(at_own_desk(stage, owner))
    yield from take_files(thief, stage, stage.rng.randint(10, 14), pause=(10, 60))


SCENARIO = Scenario(
    id="session_theft",
    title="A running session is used from another network",
    description="The cookie of somebody at work is replayed from elsewhere: same session, other network and browser.",
    steps=(
        Step("the owner works", owner_works, "T1539", role="context"),
        Step("replay the session", replay, "T1550.004"),
    ),
    expected_detections=("token_two_networks", "impossible_travel"),
)
