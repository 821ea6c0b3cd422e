"""API tokens on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.access.scopes import API
from sandbox.http.moments import MomentField

NAME = validate.Length(1, 100)
ID = validate.Length(1, 40)
SCOPES = validate.Length(1, len(API))
SCOPE = validate.OneOf(list(API), error="a scope of the API is expected")


class ApiTokenSchema(Schema):
    """A token that somebody made for a script."""

    id = fields.String(required=True, metadata={"example": "tok_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Nightly report"})
    type = fields.String(required=True, metadata={"description": "personal or service."})
    owner_id = fields.String(required=True, metadata={"description": "The user that it speaks for."})
    owner_status = fields.String(
        required=True, metadata={"description": "Of that user; it works only while they are active."}
    )
    service_account_id = fields.String(required=True, allow_none=True)
    hint = fields.String(required=True, metadata={"description": "How its value begins.", "example": "hbr_7dQx"})
    scopes = fields.List(
        fields.String(), required=True, metadata={"description": "What it may, as far as the roles of its owner allow."}
    )
    status = fields.String(required=True, metadata={"description": "active, expired or revoked."})
    created_at = MomentField(required=True)
    created_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Who made it: a user, client or token."}
    )
    updated_at = MomentField(required=True)
    issued_at = MomentField(
        required=True, metadata={"description": "When its present value was made; rotating it makes another one."}
    )
    age_days = fields.Integer(required=True, metadata={"description": "Whole days since then."})
    expires_at = MomentField(required=True, allow_none=True, metadata={"description": "null: never."})
    last_used_at = MomentField(required=True, allow_none=True, metadata={"description": "To the minute; null: never."})
    last_used_ip = fields.String(required=True, allow_none=True)
    revoked_at = MomentField(required=True, allow_none=True)


class TokenValueSchema(ApiTokenSchema):
    """An API token with its value, which is told this once."""

    value = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "For the Authorization header, as Bearer; null if the request is repeated.",
            "example": "hbr_7dQx0VYJ1uR8nPz5sKcT3mWbE9aLgHf2iXoUqCkDvB4",
        },
    )


class ApiTokenFilters(Schema):
    """What API tokens can be searched by."""

    owner_id = fields.String(validate=ID)
    service_account_id = fields.String(validate=ID)
    type = fields.String(validate=validate.OneOf(["personal", "service"]))
    status = fields.String(validate=validate.OneOf(["active", "expired", "revoked"]))


class ApiTokenChangeSchema(Schema):
    """What can be changed about an API token."""

    name = fields.String(validate=NAME, metadata={"example": "Nightly report"})
    scopes = fields.List(
        fields.String(validate=SCOPE), validate=SCOPES, metadata={"description": "Fewer than it has; never more."}
    )
    expires_at = MomentField(metadata={"description": "Earlier than now set; never later."})


class NewApiTokenSchema(Schema):
    """An API token to be made."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Nightly report"})
    scopes = fields.List(
        fields.String(validate=SCOPE),
        required=True,
        validate=SCOPES,
        metadata={"description": "Of those that the caller has.", "example": ["users:read", "audit:read"]},
    )
    service_account_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=ID,
        metadata={"description": "Whose it is to be; null: the person who calls."},
    )
    expires_at = MomentField(load_default=None, allow_none=True, metadata={"description": "null: never."})
