"""A migration: an engineer's script renames files by the dozen, with a user agent of a library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.casting import SCRIPT
from sandbox.lab.scenarios.deeds import rename, see_files
from sandbox.lab.scenarios.parts import at, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def migrate(stage: Stage) -> Iterator[timedelta]:
    """Give the person's own files another ending."""
    person = cast(stage, "person", stage.cast.colleague)
    script = at(stage, "script", lambda: {"ip": person.ip, "agent": SCRIPT})
    script.sign_in(person.email, factor="push")
    for file_id in see_files(script, stage, 40, own=True):
        rename(script, file_id, ".v2")
        yield stage.between(0.5, 3)


SCENARIO = Scenario(
    id="migration_script",
    kind="confuser",
    title="A script renames files",
    description="Dozens of one person's files are renamed within minutes, from the usual network, by a library.",
    steps=(Step("rename files", migrate, role="benign"),),
    expected_detections=(
        "mass_rename_or_delete",
        "scripted_user_agent",
    ),
)
