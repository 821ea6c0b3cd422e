"""Grants on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField


class GrantSchema(Schema):
    """What one person allowed one application."""

    id = fields.String(required=True, metadata={"example": "grn_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    user_id = fields.String(required=True)
    app_id = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    status = fields.String(required=True, metadata={"description": "active or revoked."})
    type = fields.String(required=True, metadata={"description": "user: consented; admin: imposed for everybody."})
    granted_at = MomentField(required=True)
    last_used_at = MomentField(required=True, allow_none=True)
    revoked_at = MomentField(required=True, allow_none=True)


class GrantFilters(Schema):
    """What grants can be searched by."""

    user_id = fields.String(validate=validate.Length(1, 40))
    app_id = fields.String(validate=validate.Length(1, 40))
    status = fields.String(validate=validate.OneOf(["active", "revoked"]))
