"""Roles on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField


class RoleSchema(Schema):
    """A named set of scopes that people can have."""

    id = fields.String(required=True, metadata={"example": "rol_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    key = fields.String(required=True, metadata={"description": "Stable slug."})
    name = fields.String(required=True)
    description = fields.String(required=True)
    is_privileged = fields.Boolean(required=True, metadata={"description": "Whether it allows changing other people."})
    scopes = fields.List(fields.String(), required=True, metadata={"description": "What its holders may do."})
    member_count = fields.Integer(required=True, metadata={"description": "Holders that are not deleted."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class RoleFilters(Schema):
    """What roles can be searched by."""

    key = fields.String(metadata={"description": "Exactly this slug."})
    is_privileged = fields.Boolean()


class AssignmentSchema(Schema):
    """Who gets a role."""

    user_id = fields.String(required=True, validate=validate.Length(1, 40))


class HolderSchema(Schema):
    """A person who has a role."""

    user_id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    granted_at = MomentField(required=True)
