"""A server that takes the request and says nothing."""

from __future__ import annotations

import time

from marshmallow import Schema, fields, validate

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES


class Parameters(Schema):
    """How long."""

    seconds = fields.Float(
        load_default=120,
        validate=validate.Range(0, 600),
        metadata={"description": "The worker waits that long, so serve with more workers."},
    )


def _wait(_: Call, given: Given) -> None:
    time.sleep(given["seconds"])


KIND = Kind(
    "hangs",
    story="The connection is open, the request was taken, and no answer comes: a thread of the vendor waits for a "
    "lock.",
    remedy="Set time-outs: for connecting, for each read, and for the whole. Then ask again; a client without them "
    "waits for ever, and looks healthy.",
    routes=("/v1/*", *ROUTES),
    parameters=Parameters(),
    count=1,
    before=_wait,
)
