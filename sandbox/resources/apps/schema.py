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
    rarity = fields.String(
        required=True,
        metadata={
            "description": "How much of the organization uses it: common from 5 in 100 active people, uncommon from 2, "
            "else rare."
        },
    )
    is_admin_consented = fields.Boolean(
        required=True, metadata={"description": "Whether an administrator allowed it for others."}
    )
    is_approved = fields.Boolean(
        required=True,
        metadata={"description": "Whether it is the organization's own, or on its list (`apps.allowlist.clients`)."},
    )
    first_authorized_at = MomentField(required=True, allow_none=True)
    last_authorized_at = MomentField(required=True, allow_none=True)
    last_used_at = MomentField(
        required=True, allow_none=True, metadata={"description": "Last use of any of its grants; null: never."}
    )
    origin = fields.String(required=True, metadata={"description": "internal: made by the organization itself."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class AppFilters(Schema):
    """What apps can be searched by."""

    status = fields.String(validate=validate.OneOf(["enabled", "disabled"]))
    permission_level = fields.String(validate=validate.OneOf(["low", "medium", "high"]))
    is_verified = fields.Boolean(metadata={"description": "Whether the publisher is verified."})
    origin = fields.String(validate=validate.OneOf(["internal", "external"]))
