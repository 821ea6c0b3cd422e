"""What was sent, on the wire."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from sandbox.http.moments import MomentField

STATUS = validate.OneOf(["pending", "delivered", "dead", "cancelled"])


class AttemptSchema(Schema):
    """One attempt; all of it in protocol time."""

    at = fields.String(required=True, metadata={"format": "date-time"})
    result = fields.String(required=True, metadata={"description": "delivered, failed (tried again) or refused (not)."})
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "The status of the answer."})
    error = fields.String(required=True, allow_none=True, metadata={"description": "What was wrong, in our words."})
    duration_ms = fields.Integer(required=True)


class DeliverySchema(Schema):
    """A message to a webhook, and how that went."""

    id = fields.String(
        required=True,
        metadata={"description": "The `webhook-id` that it carries.", "example": "msg_01k3m4xq8e0v9s6t2c7d5a1b3f"},
    )
    action = fields.String(attribute="topic", required=True, metadata={"example": "user.suspended"})
    event_sequence = fields.Integer(
        attribute="reference",
        required=True,
        allow_none=True,
        metadata={"description": "The `integrity.sequence` of its event; null for a test."},
    )
    status = fields.String(required=True, metadata={"description": "pending, delivered, dead or cancelled."})
    attempts = fields.List(fields.Nested(AttemptSchema), required=True)
    created_at = MomentField(required=True)
    settled_at = MomentField(required=True, allow_none=True)
    next_attempt_at = MomentField(required=True, allow_none=True, metadata={"description": "Protocol time."})


class DeliveryFilters(Schema):
    """What deliveries can be searched by."""

    status = fields.String(validate=STATUS)
    action = fields.String(validate=validate.Length(1, 60), metadata={"description": "Exactly this action."})
    since = MomentField(metadata={"description": "Written down at this moment or later."})


class ReplaySchema(Schema):
    """Which events to send again: those that became visible from one sequence to another, both included."""

    from_sequence = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53))
    to_sequence = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53))
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Only count them."})

    @validates_schema
    def _is_a_span(self, data: dict[str, int], **_: object) -> None:
        if data["to_sequence"] < data["from_sequence"]:
            raise ValidationError("a sequence that is not before from_sequence is expected", "to_sequence")


class ReplayedSchema(Schema):
    """How many messages were written down, or would be."""

    count = fields.Integer(required=True)
    dry_run = fields.Boolean(required=True)
