"""A dormant account: nobody used it for a month, now somebody signs in from a place it never saw."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import take_files
from sandbox.lab.scenarios.parts import cast, stranger
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Sign in."""
    victim = cast(stage, "victim", stage.cast.dormant)
    attacker = stranger(stage, "attacker", victim)
    attacker.sign_in(victim.email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(30, 120)


def take(stage: Stage) -> Iterator[timedelta]:
    """Look around."""
    yield from take_files(stage.visitor("attacker"), stage, 6, pause=(20, 90))


SCENARIO = Scenario(
    id="dormant_account",
    title="An account that slept for a month is used",
    description="Somebody signs in as a person who was not here for a month, and takes files.",
    steps=(
        Step("sign in to a dormant account", get_in, "T1078.004"),
        Step("take files", take, "T1530"),
    ),
    expected_detections=("dormant_account_used",),
)
