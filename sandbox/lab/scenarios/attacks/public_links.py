"""Links to the world: an insider shares files with anybody who has the link, and with a mailbox of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import see_files, share
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage

_FILES = 22


def give_away(stage: Stage) -> Iterator[timedelta]:
    """Share what one owns: with a private mailbox, and with everybody where the organization allows that."""
    insider = cast(stage, "insider", stage.cast.colleague)
    desk = at_own_desk(stage, insider)
    desk.sign_in(insider.email, factor="push")
    stage.involve("session", desk.session_id, "insider")
    yield stage.between(60, 180)
    mailbox = f"{insider.email.partition('@')[0]}@mail.example"
    shared = 0
    for file_id in see_files(desk, stage, _FILES, own=True):
        for target in ({"scope": "anyone"}, {"scope": "people", "recipient": mailbox}):
            try:
                share(desk, file_id, **target)
            except Prevented as refusal:
                if refusal.reason == "session_ended":
                    raise
                continue
            shared += 1
            yield stage.between(3, 20)
    if not shared:
        raise Prevented("forbidden_by_setting")


SCENARIO = Scenario(
    id="public_links",
    title="A colleague shares files with the world",
    description="Within minutes two dozen files are shared with a private mailbox or by links that need no sign-in.",
    steps=(Step("share files to the outside", give_away, "T1567.002"),),
    expected_detections=("mass_external_share",),
)
