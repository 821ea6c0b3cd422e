"""Blinding the watch: an administrator stops the delivery of the log, and keeps it for a shorter time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.lab.scenarios.deeds import set_to
from sandbox.lab.scenarios.parts import at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.log_streams import service as log_streams
from sandbox.resources.log_streams.model import LogStream


def silence(stage: Stage) -> Iterator[timedelta]:
    """Switch every log stream off."""
    insider = cast(stage, "insider", partial(stage.cast.holder, "administrator"))
    desk = at_own_desk(stage, insider)
    desk.sign_in(insider.email, factor="push")
    stage.involve("session", desk.session_id, "insider")
    yield stage.between(30, 120)
    enabled = select(LogStream.id).where(LogStream.status == "enabled").order_by(LogStream.id)
    for stream_id in stage.theater.look(lambda: list(db.session.scalars(enabled))):
        desk.do(partial(log_streams.update, stream_id, status="disabled"), needs="configuration:write")
        yield stage.between(10, 60)


def forget(stage: Stage) -> Iterator[timedelta]:
    """Keep the log for a shorter time."""
    set_to(at_own_desk(stage, who(stage, "insider")), "logging.retention_days", 30)
    yield stage.between(10, 60)


SCENARIO = Scenario(
    id="log_tampering",
    title="The log is delivered no longer, and kept for a shorter time",
    description="An administrator switches the delivery of the audit log off and lowers how long it is kept.",
    steps=(
        Step("stop the delivery of the log", silence, "T1562.008"),
        Step("keep the log for a shorter time", forget, "T1562.008"),
    ),
    expected_detections=("log_delivery_stopped", "security_control_weakened"),
)
