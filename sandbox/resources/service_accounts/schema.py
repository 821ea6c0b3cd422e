"""Service accounts on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

NAME = validate.Length(1, 200)
TYPE = validate.OneOf(["integration", "automation", "provisioning", "agent"])
PERSON = validate.Length(1, 40)


class ServiceAccountSchema(Schema):
    """A program that acts in the tenant's name."""

    id = fields.String(required=True, metadata={"example": "svc_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    user_id = fields.String(
        required=True,
        metadata={"description": "Who it is to roles, entitlements and the audit log: a user of the type service."},
    )
    name = fields.String(required=True, metadata={"example": "Nightly backup"})
    type = fields.String(required=True, metadata={"description": "integration, automation, provisioning or agent."})
    description = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "enabled or disabled."})
    owner_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The person who answers for it; null: nobody does."}
    )
    owner_status = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of that person: active, staged, suspended, or deleted if they left."},
    )
    roles = fields.List(fields.String(), required=True, metadata={"description": "Keys of its roles."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)
    last_used_at = MomentField(required=True, allow_none=True, metadata={"description": "null: never."})


class ServiceAccountFilters(Schema):
    """What service accounts can be searched by."""

    type = fields.String(validate=TYPE)
    status = fields.String(validate=validate.OneOf(["enabled", "disabled"]))
    owner_id = fields.String(validate=PERSON)


class ServiceAccountChangeSchema(Schema):
    """What can be changed about a service account."""

    name = fields.String(validate=NAME, metadata={"example": "Nightly backup"})
    type = fields.String(validate=TYPE)
    description = fields.String(validate=validate.Length(max=2000))
    owner_id = fields.String(validate=PERSON, allow_none=True)


class NewServiceAccountSchema(ServiceAccountChangeSchema):
    """A service account to be added."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Nightly backup"})
    type = fields.String(required=True, validate=TYPE)
