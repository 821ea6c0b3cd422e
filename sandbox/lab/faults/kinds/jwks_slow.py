"""The JWKS comes, but late."""

from __future__ import annotations

import time

from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import JWKS
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """How late."""

    seconds = fields.Float(
        load_default=3,
        validate=validate.Range(0, 30),
        metadata={
            "description": "The worker waits that long, so other requests wait too unless there are more workers."
        },
    )


def _wait(_: Call, given: Given) -> None:
    time.sleep(given["seconds"])


KIND = Kind(
    "jwks_slow",
    story="The endpoint with the public keys takes seconds, because every client of the vendor asks it after a rotation.",
    remedy="Fetch it with a timeout of its own, outside any lock, and go on with the cached keys meanwhile: they still "
    "verify what they signed.",
    routes=(JWKS,),
    parameters=Parameters(),
    before=_wait,
)
