"""People on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

NAME = validate.Length(1, 200)
SHORT = validate.Length(1, 100)
COUNTRY = validate.Regexp(r"[A-Z]{2}\Z", error="a country such as DE is expected (ISO 3166-1 alpha-2)")
PURPOSE = validate.OneOf(["work", "administration", "emergency"])
TIME_ZONE = validate.Regexp(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}\Z", error="a zone such as Europe/Berlin is expected")


class UserSchema(Schema):
    """A person or a service account."""

    id = fields.String(required=True, metadata={"example": "usr_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    email = fields.String(required=True, metadata={"description": "In lower case; unique among the living."})
    name = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    status = fields.String(
        required=True,
        metadata={"description": "staged, active, suspended or deleted; a deleted one is a tombstone."},
    )
    type = fields.String(required=True, metadata={"description": "human or service."})
    is_external = fields.Boolean(
        required=True, metadata={"description": "Whether they belong to another organization."}
    )
    has_verified_domain = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the address is of a domain that the organization has proven to own "
            "(`identity.domains.verified`)."
        },
    )
    department = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    manager_id = fields.String(required=True, allow_none=True)
    country = fields.String(required=True, allow_none=True, metadata={"description": "ISO 3166-1 alpha-2."})
    time_zone = fields.String(required=True, allow_none=True, metadata={"description": "IANA name."})
    auth_method = fields.String(required=True, metadata={"description": "How they sign in: password or sso."})
    purpose = fields.String(
        required=True,
        metadata={
            "description": "What the account is for: work; administration and nothing else; or emergency, kept for when "
            "the identity provider fails."
        },
    )
    must_change_password = fields.Boolean(
        required=True, metadata={"description": "Whether the next sign-in asks for a new password."}
    )
    mfa_enrolled = fields.Boolean(required=True, metadata={"description": "Whether they have a second factor."})
    mfa_methods = fields.List(
        fields.String(), required=True, metadata={"description": "Which kinds: webauthn, totp, push, sms."}
    )
    roles = fields.List(fields.String(), required=True, metadata={"description": "Keys of their roles."})
    created_at = MomentField(required=True)
    updated_at = MomentField(
        required=True,
        metadata={
            "description": "Last change of the person: profile, status, factors, roles, groups. Signing in is none."
        },
    )
    last_login_at = MomentField(required=True, allow_none=True, metadata={"description": "Last sign-in; null: never."})
    last_active_at = MomentField(
        required=True,
        allow_none=True,
        metadata={
            "description": "Last use of a session or an API token, to the minute; what applications do for them is in "
            "their grants."
        },
    )
    suspended_at = MomentField(required=True, allow_none=True)
    deleted_at = MomentField(required=True, allow_none=True)


class UserFilters(Schema):
    """What people can be searched by."""

    status = fields.String(validate=validate.OneOf(["staged", "active", "suspended", "deleted"]))
    role = fields.String(validate=SHORT, metadata={"description": "Has the role with this key."})
    group_id = fields.String(validate=SHORT, metadata={"description": "Is in this group."})
    email = fields.String(validate=validate.Length(1, 320), metadata={"description": "Exactly this address."})
    updated_since = MomentField(
        metadata={
            "description": "`updated_at` is this moment or later. With `include=deleted` those who were deleted since "
            "then are among them, so that a copy can be kept up to date."
        }
    )
    is_external = fields.Boolean()
    purpose = fields.String(validate=PURPOSE)
    include = fields.String(
        validate=validate.OneOf(["deleted"]), metadata={"description": "`deleted`: tombstones too."}
    )


class UserChangeSchema(Schema):
    """What can be changed about a person."""

    email = fields.Email(validate=validate.Length(max=254))
    name = fields.String(validate=NAME)
    given_name = fields.String(validate=validate.Length(max=100))
    family_name = fields.String(validate=validate.Length(max=100))
    department = fields.String(validate=SHORT, allow_none=True)
    title = fields.String(validate=NAME, allow_none=True)
    manager_id = fields.String(validate=SHORT, allow_none=True)
    country = fields.String(validate=COUNTRY, allow_none=True)
    time_zone = fields.String(validate=[validate.Length(max=64), TIME_ZONE], allow_none=True)
    is_external = fields.Boolean()
    purpose = fields.String(validate=PURPOSE)


class NewUserSchema(UserChangeSchema):
    """A person to be added."""

    email = fields.Email(required=True, validate=validate.Length(max=254))
    name = fields.String(required=True, validate=NAME)
    type = fields.String(load_default="human", validate=validate.OneOf(["human", "service"]))
    status = fields.String(
        load_default="active",
        validate=validate.OneOf(["active", "staged"]),
        metadata={"description": "`staged`: invited, cannot sign in yet."},
    )
    auth_method = fields.String(load_default="password", validate=validate.OneOf(["password", "sso"]))


class FactorSchema(Schema):
    """A second factor."""

    id = fields.String(required=True)
    type = fields.String(required=True, metadata={"description": "webauthn, totp, push or sms."})
    enrolled_at = MomentField(required=True)
