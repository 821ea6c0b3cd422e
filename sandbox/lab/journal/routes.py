"""`/_lab/journal`: the last requests, newest first, and one of them by its `X-Request-Id`."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields, validate

from sandbox.foundation.problems import NotFound
from sandbox.http.contract import NoFilters, accepts, read_query, returns, single_values
from sandbox.lab import door
from sandbox.lab.journal.entry import client_of, entry_of
from sandbox.lab.journal.recorder import records
from sandbox.lab.journal.ring import SLOTS

blueprint = Blueprint("journal", __name__, url_prefix="/_lab/journal")
blueprint.before_request(door.check)


class JournalFilters(Schema):
    """Which requests, and how many."""

    client_id = fields.String(load_default=None, validate=validate.Length(1, 300))
    limit = fields.Integer(load_default=50, validate=validate.Range(1))


class EntrySchema(Schema):
    """One request. Secrets in `request` and `answer` are shown as kind and short hash, so that equal ones match."""

    request_id = fields.String(required=True)
    at = fields.String(required=True, metadata={"description": "Wall time, as in `Date` and in a client's own log."})
    method = fields.String(required=True)
    path = fields.String(required=True)
    client_id = fields.String(required=True, allow_none=True)
    status = fields.Integer(required=True)
    duration_ms = fields.Float(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
    description = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True, metadata={"description": "What a refusal follows."})
    faults = fields.List(fields.String(), required=True, metadata={"description": "The faults that fired."})
    request = fields.Raw(required=True)
    answer = fields.Raw(required=True)


class JournalSchema(Schema):
    """The last requests, newest first."""

    data = fields.List(fields.Nested(EntrySchema), required=True)


@blueprint.get("")
@returns(JournalSchema())
@accepts(query=JournalFilters())
def read_journal(client_id: str | None, limit: int) -> dict[str, Any]:
    """List the last requests to the authorization server, those that were refused, and those that a fault hit."""
    wanted = (record for record in records() if client_id in {None, client_of(record)})
    return {"data": [entry_of(record) for record in islice(wanted, limit)]}


@blueprint.get("/<request_id>")
@returns(EntrySchema())
def read_entry(request_id: str) -> dict[str, Any]:
    """Show one request, by the `X-Request-Id` of its answer."""
    read_query(NoFilters(), single_values())
    for record in records():
        if record["request_id"] == request_id:
            return entry_of(record)
    raise NotFound(f"The journal has no request {request_id}; it keeps the last {SLOTS}.", id=request_id)
