"""An access token dies while a client is in the middle of a listing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.access.protect import challenge
from sandbox.access.token import revoke_access_token
from sandbox.foundation.actor import acting_as
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import Unauthenticated
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import goes_on
from sandbox.resources.audit_events.service import record

REASON = "The access token was revoked (RFC 6750 section 3.1)."
FIRST_WITH_CURSOR = 2


class Parameters(Schema):
    """Where in a listing."""

    page = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(FIRST_WITH_CURSOR),
        metadata={"description": "Die on the request for this page: only requests behind the first page count."},
    )


def _applies(call: Call, given: Given) -> bool:
    return call.access is not None and (given["page"] is None or goes_on())


def _skips(given: Given) -> int:
    return given["page"] - FIRST_WITH_CURSOR if given["page"] else 0


def _die(call: Call, _: Given) -> None:
    if call.access is None:
        return
    with acting_as(lab_acts()), transaction():
        revoke_access_token(call.access.token_id)
        client = ("client", call.access.client_id, call.access.client_name)
        record("oauth.token.revoked", targets=[client], details={"token_id": call.access.token_id})
    raise Unauthenticated(REASON, headers={"WWW-Authenticate": challenge("invalid_token", error_description=REASON)})


KIND = Kind(
    "token_dies",
    story="The access token stops working in mid-pagination, long before its time: an administrator revoked it, or the "
    "vendor restarted. The API answers 401 invalid_token.",
    remedy="Get a new token and send the same request again, once: the cursor is still good. Neither begin the listing "
    "anew, nor take the pages so far for everything.",
    routes=("/v1/*", "/scim/*", "/dialects/*"),
    parameters=Parameters(),
    count=1,
    applies=_applies,
    skips=_skips,
    authenticated=_die,
)
