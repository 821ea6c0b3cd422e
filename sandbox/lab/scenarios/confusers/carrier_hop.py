"""A train ride: one session, and the mobile network changes its address every few minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import download, see_files
from sandbox.lab.scenarios.parts import at, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage


def ride(stage: Stage) -> Iterator[timedelta]:
    """Sign in once, and go on from one address after the other."""
    person = cast(stage, "person", stage.cast.colleague)
    first = at(stage, "hop 0", lambda: {"ip": stage.cast.near("mobile", person), "agent": person.agent})
    first.sign_in(person.email, factor="push")
    files = see_files(first, stage, 12)
    for number, file_id in enumerate(files):
        hop = at(stage, f"hop {number // 3}", lambda: {"ip": stage.cast.near("mobile", person), "agent": person.agent})
        hop.takes_over(first)
        yield stage.between(60, 240)
        download(hop, file_id)


SCENARIO = Scenario(
    id="carrier_hop",
    kind="confuser",
    title="A session hops between addresses of a mobile carrier",
    description="The same session and browser come from several addresses of one carrier within an hour.",
    steps=(Step("work on the train", ride, role="benign"),),
    expected_detections=("token_two_networks",),
)
