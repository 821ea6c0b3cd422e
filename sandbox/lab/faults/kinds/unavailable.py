"""The server is down for a moment."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.foundation.problems import Unavailable
from sandbox.lab.faults.answer import TOKEN
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """When to come back."""

    retry_after = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 3600),
        metadata={"description": "Seconds in Retry-After; without it the header is missing."},
    )


def _refuse(_: Call, given: Given) -> None:
    seconds = given["retry_after"]
    headers = {"Retry-After": str(seconds)} if seconds is not None else {}
    raise Unavailable("The service is not available; try again in a moment (RFC 9110 section 15.6.4).", headers=headers)


KIND = Kind(
    "unavailable",
    story="The token endpoint answers 503 while the vendor deploys; nothing was done.",
    remedy="Try again some times with a growing pause. This is no reason to throw a refresh token away or to ask a person "
    "to connect again.",
    routes=(TOKEN,),
    parameters=Parameters(),
    before=_refuse,
)
