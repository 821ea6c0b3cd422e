"""Log streams on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField
from sandbox.resources.audit_events.catalog import ACTIONS

CATEGORIES = tuple(sorted({category for category, *_ in ACTIONS.values()}))
NAME = validate.Length(1, 100)
TYPE = validate.OneOf(["https", "syslog", "object_store", "event_hub"])
STATUS = validate.OneOf(["enabled", "disabled"])
DESTINATION = validate.Regexp(
    r"[a-z][a-z0-9+.-]*://[^\s/@?#]+(/[^\s?#]*)?\Z",
    error="an address such as https://siem.acme.example/harbor is expected, without credentials",
)
LONGEST = validate.Length(1, 500)
CATEGORY = validate.OneOf(CATEGORIES)
WHICH = {"description": f"Of {', '.join(CATEGORIES)}; empty: all.", "example": ["authentication", "configuration"]}
WHERE = {"description": "Where it is delivered to, without credentials.", "example": "https://siem.acme.example/harbor"}


class LogStreamSchema(Schema):
    """One destination of audit events."""

    id = fields.String(required=True, metadata={"example": "lst_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Security operations"})
    type = fields.String(required=True, metadata={"description": "https, syslog, object_store or event_hub."})
    destination = fields.String(required=True, metadata=WHERE)
    categories = fields.List(fields.String(), required=True, metadata=WHICH)
    status = fields.String(required=True, metadata={"description": "enabled or disabled."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)
    last_delivery_at = MomentField(required=True, allow_none=True, metadata={"description": "null: never."})
    last_delivery_error = fields.String(
        required=True, allow_none=True, metadata={"description": "What the last attempt said; null: it arrived."}
    )


class LogStreamFilters(Schema):
    """What log streams can be searched by."""

    type = fields.String(validate=TYPE)
    status = fields.String(validate=STATUS)


class LogStreamChangeSchema(Schema):
    """What can be changed about a log stream."""

    name = fields.String(validate=NAME, metadata={"example": "Security operations"})
    destination = fields.String(validate=[LONGEST, DESTINATION], metadata=WHERE)
    categories = fields.List(fields.String(validate=CATEGORY), metadata=WHICH)
    status = fields.String(validate=STATUS)


class NewLogStreamSchema(LogStreamChangeSchema):
    """A log stream to be added."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Security operations"})
    type = fields.String(required=True, validate=TYPE)
    destination = fields.String(required=True, validate=[LONGEST, DESTINATION], metadata=WHERE)
    categories = fields.List(fields.String(validate=CATEGORY), load_default=list, metadata=WHICH)
