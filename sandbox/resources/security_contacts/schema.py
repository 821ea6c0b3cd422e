"""Security contacts on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

PURPOSES = ("incident", "vulnerability", "privacy", "new_setting")
NAME = validate.Length(1, 200)
EMAIL = validate.Length(max=254)
PHONE = validate.Regexp(r"\+[1-9][0-9]{6,14}\Z", error="a number such as +4989123456 is expected (ITU-T E.164)")
SOME, ONE = validate.Length(1, len(PURPOSES)), validate.OneOf(PURPOSES)
OF_WHAT = {"description": f"Of what they are told: {', '.join(PURPOSES)}.", "example": ["incident", "privacy"]}


class SecurityContactSchema(Schema):
    """Somebody to be told."""

    id = fields.String(required=True, metadata={"example": "sct_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Security on call"})
    email = fields.String(required=True, metadata={"description": "In lower case; unique."})
    phone = fields.String(required=True, allow_none=True, metadata={"description": "ITU-T E.164."})
    purposes = fields.List(fields.String(), required=True, metadata=OF_WHAT)
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class SecurityContactFilters(Schema):
    """What security contacts can be searched by."""

    email = fields.String(validate=validate.Length(1, 320), metadata={"description": "Exactly this address."})


class SecurityContactChangeSchema(Schema):
    """What can be changed about a security contact."""

    name = fields.String(validate=NAME, metadata={"example": "Security on call"})
    email = fields.Email(validate=EMAIL)
    phone = fields.String(validate=PHONE, allow_none=True)
    purposes = fields.List(fields.String(validate=ONE), validate=SOME, metadata=OF_WHAT)


class NewSecurityContactSchema(SecurityContactChangeSchema):
    """A security contact to be added."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Security on call"})
    email = fields.Email(required=True, validate=EMAIL)
    purposes = fields.List(fields.String(validate=ONE), required=True, validate=SOME, metadata=OF_WHAT)
