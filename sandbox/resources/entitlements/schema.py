"""Entitlements on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from sandbox.http.moments import MomentField

REACH = {"enum": ["none", "own", "all"], "description": "own: what is theirs, shared with them, or in their projects."}


class EntitledRoleSchema(Schema):
    """A role that a person has."""

    id = fields.String(required=True)
    key = fields.String(required=True)
    name = fields.String(required=True)
    is_privileged = fields.Boolean(required=True)


class PermissionSourceSchema(Schema):
    """A role that allows something."""

    role_id = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "Of the role.", "example": "security_auditor"})
    granted_at = MomentField(required=True, metadata={"description": "Since when the person has the role."})


class PermissionSchema(Schema):
    """Something that a person may do, and whence."""

    scope = fields.String(required=True, metadata={"example": "audit:read"})
    description = fields.String(required=True, metadata={"example": "Read the audit log"})
    through = fields.List(
        fields.Nested(PermissionSourceSchema), required=True, metadata={"description": "Every role that allows it."}
    )


class EntitledGroupSchema(Schema):
    """A group that a person is in. Groups allow nothing by themselves."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)


class EntitledProjectSchema(Schema):
    """A project that a person is in."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    access = fields.String(required=True, metadata={"enum": ["owner", "member"]})


class DataRightsSchema(Schema):
    """How far a person reaches into projects and files."""

    read = fields.String(required=True, metadata=REACH)
    write = fields.String(required=True, metadata=REACH)
    projects = fields.List(fields.Nested(EntitledProjectSchema), required=True)


class ConfigurationRightsSchema(Schema):
    """What a person may do about the security settings."""

    read = fields.Boolean(required=True)
    write = fields.Boolean(required=True)


class EntitlementsSchema(Schema):
    """Everything that one person may do."""

    user_id = fields.String(required=True)
    is_effective = fields.Boolean(required=True, metadata={"description": "False unless the person is active."})
    roles = fields.List(fields.Nested(EntitledRoleSchema), required=True)
    scopes = fields.List(fields.String(), required=True, metadata={"description": "What the roles allow together."})
    permissions = fields.List(
        fields.Nested(PermissionSchema), required=True, metadata={"description": "Each of `scopes`, and whence."}
    )
    groups = fields.List(fields.Nested(EntitledGroupSchema), required=True)
    data = fields.Nested(DataRightsSchema, required=True)
    configuration = fields.Nested(ConfigurationRightsSchema, required=True)
