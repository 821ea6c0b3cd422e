"""A hand-over: somebody who leaves downloads the last things, hands files over, and is suspended in the evening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import act, see_files, share, work
from sandbox.lab.scenarios.parts import at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage


def hand_over(stage: Stage) -> Iterator[timedelta]:
    """Share with a colleague what one owns."""
    leaver = cast(stage, "leaver", stage.cast.colleague)
    successor = cast(stage, "successor", stage.cast.colleague)
    desk = at_own_desk(stage, leaver)
    yield from work(stage, desk, leaver, files=8)
    for file_id in see_files(desk, stage, 15, own=True):
        try:
            share(desk, file_id, scope="people", recipient=successor.email)
        except Prevented as refusal:
            if refusal.reason == "session_ended":
                raise
        yield stage.between(10, 60)


def suspend(stage: Stage) -> Iterator[timedelta]:
    """Let an administrator suspend the account in the evening."""
    administrator = cast(stage, "administrator", lambda: stage.cast.holder("administrator"))
    desk = at_own_desk(stage, administrator)
    desk.sign_in(administrator.email, factor="push")
    yield stage.between(60, 200)
    leaver = who(stage, "leaver")
    act(desk, "suspend_user", leaver.id, reason="last day")
    yield stage.between(10, 60)


SCENARIO = Scenario(
    id="offboarding",
    kind="confuser",
    title="Somebody hands over and leaves",
    description="More downloads and shares than usual, all inside the organization, then the account is suspended.",
    steps=(
        Step("hand over", hand_over, role="benign"),
        Step("suspend the account", suspend, role="benign"),
    ),
    expected_detections=(
        "mass_download",
        "mass_external_share",
    ),
)
