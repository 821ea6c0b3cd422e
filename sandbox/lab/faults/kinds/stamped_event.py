"""Events whose own time does not fit to when they can be seen: late ones, ones from the future, ties."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from marshmallow import Schema, fields, validate

from sandbox.foundation.actor import acting_as
from sandbox.foundation.clock import from_wire, now
from sandbox.foundation.database import transaction
from sandbox.http.pagination.style import Place
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES
from sandbox.resources.audit_events.feed import Feed
from sandbox.resources.audit_events.service import record

PAST, FUTURE, TIE = "past", "future", "tie"


class Parameters(Schema):
    """Which time, and how many."""

    at = fields.String(
        load_default=PAST,
        validate=validate.OneOf([PAST, FUTURE, TIE]),
        metadata={"description": "Long ago, far ahead, or the very time of the newest event that can be seen."},
    )
    seconds = fields.Integer(
        load_default=600, validate=validate.Range(1, 30 * 86_400), metadata={"description": "How long ago, or ahead."}
    )
    events = fields.Integer(
        load_default=1, validate=validate.Range(1, 100), metadata={"description": "How many are stamped so."}
    )
    ordinary = fields.Integer(
        load_default=0, validate=validate.Range(0, 100), metadata={"description": "How many ordinary ones follow."}
    )


def _applies(call: Call, _: Given) -> bool:
    return call.access is not None


def _happen(_: Call, given: Given) -> None:
    moment = _moment(given["at"], timedelta(seconds=given["seconds"]))
    with acting_as(lab_acts()):
        for _event in range(given["events"]):
            _record(moment)
        for _event in range(given["ordinary"]):
            _record(None)


def _record(occurred_at: datetime | None) -> None:
    with transaction():
        record("file.viewed", occurred_at=occurred_at)


def _moment(at: str, distance: timedelta) -> datetime:
    if at != TIE:
        return now() + distance if at == FUTURE else now() - distance
    newest = Feed({"order": "desc"}).turn(Place(1, None, {})).items
    return from_wire(orjson.loads(newest[0])["occurred_at"]) if newest else now()


KIND = Kind(
    "stamped_event",
    story="An event is seen now that says it happened ten minutes ago, in the future, or in the very millisecond "
    "of the last one that was read: another part of the vendor sent it late, or its clock is wrong.",
    remedy="Follow the order of visibility where there is one. Else read again from before the newest time, hold "
    "the mark back by what is usual, include the border and drop what is known by id; and never let a time "
    "ahead of the server move the mark.",
    routes=("/v1/*", *ROUTES),
    parameters=Parameters(),
    count=1,
    applies=_applies,
    authenticated=_happen,
)
