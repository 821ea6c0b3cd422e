"""An access token is over when the wait that the vendor asked for is."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.access.token import revoke_access_token
from sandbox.foundation.actor import acting_as
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import RateLimited
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES


class Parameters(Schema):
    """How long to wait."""

    seconds = fields.Integer(load_default=2, validate=validate.Range(0, 3600), metadata={"description": "Retry-After."})


def _applies(call: Call, _: Given) -> bool:
    return call.access is not None


def _refuse(call: Call, given: Given) -> None:
    if call.access is None:
        return
    with acting_as(lab_acts()), transaction():
        revoke_access_token(call.access.token_id)
    raise RateLimited(
        "The limit is used up; come back later (RFC 6585 section 4).", headers={"Retry-After": str(given["seconds"])}
    )


KIND = Kind(
    "token_dies_waiting",
    story="The vendor answers 429, and when the client comes back after the wait its token is no longer valid: it "
    "expired while the client slept.",
    remedy="Look at the token again after each wait. A 401 behind a 429 wants a new token and the same request "
    "once more, not the end of the run.",
    routes=("/v1/*", *ROUTES),
    parameters=Parameters(),
    count=1,
    applies=_applies,
    authenticated=_refuse,
)
