"""Third-party applications on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField


class PublisherSchema(Schema):
    """Who publishes an app."""

    name = fields.String(required=True)
    website = fields.String(required=True)
    is_verified = fields.Boolean(required=True, metadata={"description": "Whether the vendor checked who it is."})


class AppSchema(Schema):
    """An application that people connected to their accounts."""

    id = fields.String(required=True, metadata={"example": "app_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    client_id = fields.String(required=True, allow_none=True, metadata={"description": "The OAuth client it uses."})
    name = fields.String(required=True)
    description = fields.String(required=True)
    publisher = fields.Nested(PublisherSchema, required=True)
    status = fields.String(required=True, metadata={"description": "enabled or disabled."})
    permission_level = fields.String(
        required=True, metadata={"description": "low: the person alone; medium: reads more; high: changes things."}
    )
    scopes = fields.List(fields.String(), required=True, metadata={"description": "What it asks people for."})
    user_count = fields.Integer(required=True, metadata={"description": "People with an active grant."})
    first_authorized_at = MomentField(required=True, allow_none=True)
    last_used_at = MomentField(required=True, allow_none=True)
    origin = fields.String(required=True, metadata={"description": "internal: made by the organization itself."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class AppFilters(Schema):
    """What apps can be searched by."""

    status = fields.String(validate=validate.OneOf(["enabled", "disabled"]))
    permission_level = fields.String(validate=validate.OneOf(["low", "medium", "high"]))
    is_verified = fields.Boolean(metadata={"description": "Whether the publisher is verified."})
    origin = fields.String(validate=validate.OneOf(["internal", "external"]))
