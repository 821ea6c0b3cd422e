"""Grants on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField


class ScopeUseSchema(Schema):
    """A scope that was allowed, and whether it is made use of."""

    scope = fields.String(required=True, metadata={"example": "users:read"})
    last_used_at = fields.String(
        required=True, allow_none=True, metadata={"description": "To the minute; null: never.", "format": "date-time"}
    )


class GrantSchema(Schema):
    """What one person allowed one application."""

    id = fields.String(required=True, metadata={"example": "grn_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    user_id = fields.String(required=True)
    app_id = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    status = fields.String(required=True, metadata={"description": "active or revoked."})
    type = fields.String(required=True, metadata={"description": "user: consented; admin: imposed for everybody."})
    granted_at = MomentField(required=True)
    last_authorized_at = MomentField(
        required=True, metadata={"description": "When the person last allowed it more; at first, `granted_at`."}
    )
    last_used_at = MomentField(
        required=True,
        allow_none=True,
        metadata={"description": "When the application last got a token or called the API by it; null: never."},
    )
    scope_usage = fields.List(
        fields.Nested(ScopeUseSchema), required=True, metadata={"description": "Each of `scopes`, with its last use."}
    )
    unused_scopes = fields.List(
        fields.String(), required=True, metadata={"description": "Those of `scopes` that were never used."}
    )
    revoked_at = MomentField(required=True, allow_none=True)


class GrantFilters(Schema):
    """What grants can be searched by."""

    user_id = fields.String(validate=validate.Length(1, 40))
    app_id = fields.String(validate=validate.Length(1, 40))
    status = fields.String(validate=validate.OneOf(["active", "revoked"]))
