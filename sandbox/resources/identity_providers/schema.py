"""Identity providers on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

NAME = validate.Length(1, 100)
PROTOCOL = validate.OneOf(["oidc", "saml"])
ISSUER = validate.Length(1, 500)
ADDRESS = [validate.Length(1, 500), validate.URL(schemes={"https"}, require_tld=False)]
ISSUER_EXAMPLE = {"description": "OIDC issuer or SAML entity id; unique.", "example": "https://idp.acme.example"}
ENFORCED = {"description": "Whether passwords are refused to everybody who is not exempt, while it is enabled."}
PEM = {"description": "The certificate that it signs with (X.509, PEM).", "writeOnly": True}


class IdentityProviderSchema(Schema):
    """Who vouches for people from outside."""

    id = fields.String(required=True, metadata={"example": "idp_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Acme single sign-on"})
    protocol = fields.String(required=True, metadata={"description": "oidc or saml."})
    issuer = fields.String(required=True, metadata=ISSUER_EXAMPLE)
    sign_in_url = fields.String(required=True, metadata={"example": "https://idp.acme.example/sign-in"})
    metadata_url = fields.String(required=True, allow_none=True)
    certificate_fingerprint = fields.String(
        required=True, allow_none=True, metadata={"description": "SHA-256 of the signing certificate, hexadecimal."}
    )
    certificate_expires_at = MomentField(required=True, allow_none=True)
    is_enabled = fields.Boolean(required=True)
    is_enforced = fields.Boolean(required=True, metadata=ENFORCED)
    exemption_count = fields.Integer(required=True, metadata={"description": "People who may use a password anyway."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class IdentityProviderFilters(Schema):
    """What identity providers can be searched by."""

    protocol = fields.String(validate=PROTOCOL)
    is_enabled = fields.Boolean()
    is_enforced = fields.Boolean()


class IdentityProviderChangeSchema(Schema):
    """What can be changed about an identity provider."""

    name = fields.String(validate=NAME, metadata={"example": "Acme single sign-on"})
    sign_in_url = fields.String(validate=ADDRESS, metadata={"example": "https://idp.acme.example/sign-in"})
    metadata_url = fields.String(validate=ADDRESS, allow_none=True)
    certificate = fields.String(validate=validate.Length(1, 20_000), allow_none=True, metadata=PEM)
    is_enabled = fields.Boolean()
    is_enforced = fields.Boolean(metadata=ENFORCED)


class NewIdentityProviderSchema(IdentityProviderChangeSchema):
    """An identity provider to be added."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Acme single sign-on"})
    protocol = fields.String(required=True, validate=PROTOCOL)
    issuer = fields.String(required=True, validate=ISSUER, metadata=ISSUER_EXAMPLE)
    sign_in_url = fields.String(
        required=True, validate=ADDRESS, metadata={"example": "https://idp.acme.example/sign-in"}
    )


class ExemptionSchema(Schema):
    """A person who may sign in with a password although a provider is enforced."""

    user_id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True)
    exempt_since = MomentField(required=True)


class NewExemptionSchema(Schema):
    """Who is to be exempt, and why."""

    user_id = fields.String(required=True, validate=validate.Length(1, 40))
    reason = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"example": "Opens the door when the provider is down."},
    )
