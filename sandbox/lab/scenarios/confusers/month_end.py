"""The end of the month: the finance department exports and downloads what it needs for the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import download, see_files
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.exports import service as exports


def close_the_books(stage: Stage) -> Iterator[timedelta]:
    """Export twice, and download some forty files over an hour."""
    person = cast(stage, "person", lambda: stage.cast.holder("administrator"))
    desk = at_own_desk(stage, person)
    desk.sign_in(person.email, factor="push")
    yield stage.between(60, 200)
    for kind in ("users", "files"):
        export = desk.do(partial(exports.start, kind=kind, project_id=None, format="csv"), needs="exports:write")
        yield timedelta(seconds=90)
        desk.do(partial(exports.download, export.id))
        yield stage.between(60, 240)
    for file_id in see_files(desk, stage, 40):
        download(desk, file_id)
        yield stage.between(60, 120)


SCENARIO = Scenario(
    id="month_end",
    kind="confuser",
    title="The books are closed",
    description="Two exports and some forty downloads within an hour, by somebody who may, from the own desk.",
    steps=(Step("export and download", close_the_books, role="benign"),),
    expected_detections=(
        "mass_download",
        "bulk_export",
    ),
)
