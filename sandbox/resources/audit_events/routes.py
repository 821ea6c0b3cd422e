"""The audit log's views. The log is read-only for everyone: there is nothing to write to, so writing is 405."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import returns
from sandbox.http.json_schema import JsonSchemaDocument
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.audit_events import service
from sandbox.resources.audit_events.schema import (
    ActionListSchema,
    EventFilters,
    EventSchema,
    VerificationSchema,
    event_schema,
)

blueprint = Blueprint("audit_events", __name__, url_prefix="/v1/audit-events")


@blueprint.get("")
@requires("audit:read")
@returns(EventSchema())
@paginates(EventFilters(), streams=True)
def list_audit_events(**filters: Any) -> Pageable:
    """List audit events, in order of visibility.

    `order=asc` without an upper bound is a feed: its last page still has a cursor, to be asked again later for what is
    new. Follow `ingested_at`, not `occurred_at`: events may arrive late.

    `Accept: application/x-ndjson` streams the same events, one a line, up to 10,000 an answer (`limit`), compressed with
    gzip or zstd if asked for. `X-Line-Count` tells how many lines come and `X-Next-Cursor` where to go on: if fewer came,
    the stream was cut off, so ask again from the former cursor.
    """
    return service.search(**filters)


@blueprint.get("/actions")
@requires("audit:read")
@returns(ActionListSchema(), conditional=True)
def list_actions() -> dict[str, Any]:
    """List every action that can be recorded: category, meaning, details, and since when."""
    return {"data": service.list_actions()}


@blueprint.get("/schema")
@requires("audit:read")
@returns(JsonSchemaDocument(), conditional=True)
def read_schema() -> bytes:
    """Read the JSON Schema of an audit event: one envelope, and the details of each action."""
    return orjson.dumps(event_schema())


@blueprint.get("/integrity")
@requires("audit:read")
@returns(VerificationSchema())
def verify_log() -> dict[str, Any]:
    """Walk the hash chain from the anchor that retention left, and sign its head.

    `verified` means that every event between `anchor` and `head` is there and unchanged. Keep `head`: its signature, by a
    key of `/oauth/jwks`, proves later that history was not rewritten.
    """
    return service.verify()


@blueprint.get("/<event_id>")
@requires("audit:read")
@returns(EventSchema(), conditional=True)
def read_audit_event(event_id: str) -> bytes:
    """Read one audit event."""
    return service.find_event(event_id)
