"""The audit log's views. The log is read-only for everyone: there is nothing to write to, so writing is 405."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.http.contract import returns
from sandbox.http.json_schema import JsonSchemaDocument, json_schema
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.audit_events import service
from sandbox.resources.audit_events.schema import (
    ActionListSchema,
    EventFilters,
    EventSchema,
    VerificationSchema,
)

blueprint = Blueprint("audit_events", __name__, url_prefix="/v1/audit-events")


@blueprint.get("")
@requires("audit:read")
@returns(EventSchema())
@paginates(EventFilters())
def list_audit_events(**filters: Any) -> Pageable:
    """List audit events, in order of visibility.

    `order=asc` without an upper bound is a feed: its last page still has a cursor, to be asked again later for what is
    new. Follow `ingested_at`, not `occurred_at`: events may arrive late.
    """
    return service.search(**filters)


@blueprint.get("/actions")
@requires("audit:read")
@returns(ActionListSchema(), conditional=True)
def list_actions() -> dict[str, Any]:
    """List every action that can be recorded, with category and meaning."""
    return {"data": service.list_actions()}


@blueprint.get("/schema")
@requires("audit:read")
@returns(JsonSchemaDocument(), conditional=True)
def read_schema() -> bytes:
    """Read the JSON Schema of an audit event."""
    return orjson.dumps(json_schema(EventSchema(), title="Audit event"))


@blueprint.get("/integrity")
@requires("audit:read")
@returns(VerificationSchema())
def verify_log() -> dict[str, Any]:
    """Walk the whole hash chain and sign its head."""
    return service.verify()
