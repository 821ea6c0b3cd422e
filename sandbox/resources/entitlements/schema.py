"""Entitlements on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields


class EntitledRoleSchema(Schema):
    """A role that a person has."""

    id = fields.String(required=True)
    key = fields.String(required=True)
    name = fields.String(required=True)
    is_privileged = fields.Boolean(required=True)


class EntitlementsSchema(Schema):
    """Everything that one person may do."""

    user_id = fields.String(required=True)
    is_effective = fields.Boolean(required=True, metadata={"description": "False unless the person is active."})
    roles = fields.List(fields.Nested(EntitledRoleSchema), required=True)
    scopes = fields.List(fields.String(), required=True, metadata={"description": "What the roles allow together."})
