"""Audit events come late: what is done now shows in the log much later, though it says when it happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.resources.audit_events.catalog import ACTIONS
from sandbox.resources.audit_events.delay import delaying

_NAMES = sorted({*ACTIONS, *(entry.category for entry in ACTIONS.values())})


class Parameters(Schema):
    """Which events, and how late."""

    seconds = fields.Integer(
        load_default=3600,
        validate=validate.Range(1, 30 * 86_400),
        metadata={"description": "Business time until the event becomes visible."},
    )
    events = fields.List(
        fields.String(validate=validate.OneOf(_NAMES, error="an action or a category is expected")),
        load_default=[],
        metadata={"description": "Actions or categories of /v1/audit-events/actions; none means all."},
    )


def _delay(call: Call, given: Given) -> Any:
    call.leave.enter_context(delaying(timedelta(seconds=given["seconds"]), *given["events"]))


KIND = Kind(
    "late_record",
    story="Events of one part of the vendor's log arrive minutes to days after they happened: its pipeline is behind. They "
    "have an old occurred_at and a new ingested_at; a reader that remembers the newest occurred_at never sees them.",
    remedy="Follow the log in order of visibility: the asc cursor, or ingested_since. Where a vendor has only the time of "
    "the event, read again from well before the newest one, and drop what is known by id.",
    parameters=Parameters(),
    before=_delay,
)
