"""Too many requests, and when to come back."""

from __future__ import annotations

from email.utils import formatdate

from marshmallow import Schema, fields, validate

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.problems import RateLimited
from sandbox.lab.faults.answer import TOKEN
from sandbox.lab.faults.fault import Call, Given, Kind


class Parameters(Schema):
    """When to come back, and how that is said."""

    seconds = fields.Integer(
        load_default=2, validate=validate.Range(0, 3600), metadata={"description": "How long to wait."}
    )
    form = fields.String(
        load_default="seconds",
        validate=validate.OneOf(["seconds", "date", "none"]),
        metadata={"description": "How Retry-After is written (RFC 9110 section 10.2.3); none leaves it out."},
    )


def _refuse(_: Call, given: Given) -> None:
    seconds = given["seconds"]
    written = {"seconds": str(seconds), "date": formatdate(wall_seconds() + seconds, usegmt=True)}.get(given["form"])
    headers = {"Retry-After": written} if written is not None else {}
    raise RateLimited("The limit is used up; come back later (RFC 6585 section 4).", headers=headers)


KIND = Kind(
    "throttled",
    story="The token endpoint answers 429: many connections of one client refresh at the full hour. Retry-After is a "
    "number of seconds, a date, or missing.",
    remedy="Wait as long as Retry-After says in either form, else with a growing pause and some chance in it. Keep tokens "
    "until they are nearly used up instead of asking for one a request.",
    routes=(TOKEN,),
    parameters=Parameters(),
    before=_refuse,
)
