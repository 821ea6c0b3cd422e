"""The audit event on the wire: `source` has geography and network, since the log itself carries them.

Rendered once, when the event is recorded, as RFC 8785 canonical JSON; readers get those bytes. Keys are ASCII and the
only fractions are coordinates, so sorted compact JSON is canonical (a test compares with an independent implementation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema, fields, validate

from sandbox.http.json_schema import json_schema
from sandbox.http.moments import BoundField
from sandbox.resources.audit_events.catalog import ACTIONS, details_schema


class Party(Schema):
    """Somebody: `user`, `client`, `service` or `system`."""

    type = fields.String(required=True)
    id = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class Named(Schema):
    """A thing with id and name; `type` says what it is."""

    type = fields.String()
    id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class ClientName(Schema):
    """The client that was used."""

    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class Geo(Schema):
    """Where an address is; countries are ISO 3166-1 alpha-2."""

    country = fields.String(required=True)
    region = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    latitude = fields.Float(required=True)
    longitude = fields.Float(required=True)


class Network(Schema):
    """The autonomous system that announces an address."""

    number = fields.Integer(required=True)
    organization = fields.String(required=True)


Source = Schema.from_dict(
    {
        "ip": fields.String(required=True, allow_none=True),
        "user_agent": fields.String(required=True, allow_none=True),
        "channel": fields.String(required=True, validate=validate.OneOf(["ui", "api", "app", "system"])),
        "geo": fields.Nested(Geo, required=True, allow_none=True),
        "as": fields.Nested(Network, required=True, allow_none=True),
    },
    name="Source",
)


class Outcome(Schema):
    """How it ended; `reason` is a stable slug."""

    result = fields.String(required=True, validate=validate.OneOf(["success", "failure", "denied"]))
    reason = fields.String(required=True, allow_none=True)


class Change(Schema):
    """One changed field."""

    field = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class Integrity(Schema):
    """Place in the log and link of the hash chain: SHA-256(previous hash ‖ this event without its hash)."""

    sequence = fields.Integer(required=True, metadata={"description": "Order of visibility, without gaps."})
    hash = fields.String(required=True)


class EventSchema(Schema):
    """One audit event. Every key is always present; null where there is nothing to say."""

    id = fields.String(required=True)
    occurred_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it happened."})
    ingested_at = fields.String(
        required=True,
        metadata={"format": "date-time", "description": "When it became visible: what incremental readers follow."},
    )
    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS)))
    category = fields.String(required=True)
    outcome = fields.Nested(Outcome, required=True)
    actor = fields.Nested(Party, required=True)
    impersonator = fields.Nested(Party, required=True, allow_none=True)
    client = fields.Nested(ClientName, required=True, allow_none=True)
    session_id = fields.String(required=True, allow_none=True)
    source = fields.Nested(Source, required=True)
    targets = fields.List(fields.Nested(Named), required=True)
    changes = fields.List(fields.Nested(Change), required=True)
    request_id = fields.String(required=True, allow_none=True)
    details = fields.Dict(keys=fields.String(), required=True)
    integrity = fields.Nested(Integrity, required=True)


class ActionSchema(Schema):
    """One entry of the catalog of actions."""

    action = fields.String(required=True)
    category = fields.String(required=True)
    description = fields.String(required=True)
    since = fields.String(required=True, metadata={"description": "The version of the vendor that brought it."})
    details = fields.Raw(
        required=True, metadata={"description": "JSON Schema of the event's `details`.", "type": "object"}
    )


class ActionListSchema(Schema):
    """The catalog of actions."""

    data = fields.List(fields.Nested(ActionSchema), required=True)


class HeadSchema(Schema):
    """The end of the log."""

    sequence = fields.Integer(required=True)
    hash = fields.String(required=True)
    signature = fields.String(
        required=True, metadata={"description": "JWS (RFC 7515) over sequence and hash, by a key of /oauth/jwks."}
    )


class AnchorSchema(Schema):
    """The last event that retention removed, from which the chain goes on; sequence 0 if none was."""

    sequence = fields.Integer(required=True)
    hash = fields.String(required=True)


class VerificationSchema(Schema):
    """The result of walking the hash chain from its anchor to its head."""

    verified = fields.Boolean(required=True)
    events = fields.Integer(required=True, metadata={"description": "Events that were walked."})
    broken_at = fields.Integer(required=True, allow_none=True, metadata={"description": "First sequence that fails."})
    anchor = fields.Nested(AnchorSchema, required=True)
    head = fields.Nested(HeadSchema, required=True)


class EventFilters(Schema):
    """What the log can be asked for. `since` is inclusive, `until` exclusive."""

    since = BoundField(metadata={"description": "`occurred_at` not before."})
    until = BoundField(metadata={"description": "`occurred_at` before."})
    ingested_since = BoundField(metadata={"description": "`ingested_at` not before."})
    ingested_until = BoundField(metadata={"description": "`ingested_at` before."})
    actor_id = fields.String(validate=validate.Length(1, 300))
    action = fields.String(validate=validate.OneOf(list(ACTIONS), error="unknown action; see /v1/audit-events/actions"))
    outcome = fields.String(validate=validate.OneOf(["success", "failure", "denied"]))
    order = fields.String(load_default="desc", validate=validate.OneOf(["asc", "desc"]))


EVENT = EventSchema()


def canonical(part: Mapping[str, Any]) -> bytes:
    """Write JSON with sorted keys and no blanks: RFC 8785 for what an event can hold."""
    return orjson.dumps(part, option=orjson.OPT_SORT_KEYS)


def event_schema() -> dict[str, Any]:
    """Describe an event as JSON Schema 2020-12: the envelope, and for each action category and details."""
    document = json_schema(EVENT, title="Audit event")
    document["allOf"] = [
        {
            "if": {"properties": {"action": {"const": action}}},
            "then": {"properties": {"category": {"const": entry.category}, "details": details_schema(action)}},
        }
        for action, entry in ACTIONS.items()
    ]
    return document
