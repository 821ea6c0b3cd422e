"""A kiosk: one machine at the reception, one address, one browser, and a different person every few minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import download, see_files
from sandbox.lab.scenarios.parts import at, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage


def pass_by(stage: Stage) -> Iterator[timedelta]:
    """Let person after person sign in; some mistype first."""
    people = stage.cast.colleagues(15)
    first = cast(stage, "first", lambda: people[0])
    kiosk = at(stage, "kiosk", lambda: first.place)
    for person in people:
        if stage.rng.random() < 0.4:
            kiosk.guess(person.email)
            yield stage.between(5, 20)
        kiosk.sign_in(person.email, factor="totp")
        yield stage.between(20, 60)
        try:
            download(kiosk, see_files(kiosk, stage, 1)[0])
        except Prevented as refusal:
            if refusal.reason != "nothing_to_find":
                raise
        yield stage.between(60, 200)


SCENARIO = Scenario(
    id="shared_kiosk",
    kind="confuser",
    title="Many people use one machine",
    description="Fifteen people sign in at one address with one browser within an hour; some mistype first.",
    steps=(Step("sign in one after the other", pass_by, role="benign"),),
    expected_detections=("password_spray",),
)
