"""Network policies on the wire."""

from __future__ import annotations

from ipaddress import ip_network

from marshmallow import Schema, ValidationError, fields, validate

from sandbox.access.network import AUDIENCES
from sandbox.http.moments import MomentField

NAME = validate.Length(1, 100)
AUDIENCE = validate.OneOf(AUDIENCES)
MODE = validate.OneOf(["allow", "deny"])
RANGES = validate.Length(1, 500)
FOR_WHOM = {
    "description": "everyone: sign-ins and API calls of all; administrators: of people with a privileged role; api: API "
    "calls and token requests. All that concern a request must let it in."
}
EXAMPLE = ["203.0.113.0/24", "2001:db8:20::/48"]


def a_network(text: str) -> None:
    """Accept a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3); host bits are more likely a slip than a wish."""
    try:
        fits = "/" in text and ip_network(text) is not None
    except ValueError:
        fits = False
    if not fits:
        raise ValidationError("a network such as 203.0.113.0/24 is expected")


class NetworkPolicySchema(Schema):
    """From where an audience may come."""

    id = fields.String(required=True, metadata={"example": "npo_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Offices and remote access"})
    description = fields.String(required=True)
    applies_to = fields.String(required=True, metadata=FOR_WHOM)
    mode = fields.String(
        required=True, metadata={"description": "allow: from these networks only; deny: not from these."}
    )
    ranges = fields.List(fields.String(), required=True, metadata={"description": "CIDR.", "example": EXAMPLE})
    is_enforced = fields.Boolean(required=True, metadata={"description": "False: written down, without effect."})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class NetworkPolicyFilters(Schema):
    """What network policies can be searched by."""

    applies_to = fields.String(validate=AUDIENCE)
    mode = fields.String(validate=MODE)
    is_enforced = fields.Boolean()


class NetworkPolicyChangeSchema(Schema):
    """What can be changed about a network policy."""

    name = fields.String(validate=NAME, metadata={"example": "Offices and remote access"})
    description = fields.String(validate=validate.Length(max=2000))
    applies_to = fields.String(validate=AUDIENCE, metadata=FOR_WHOM)
    mode = fields.String(validate=MODE)
    ranges = fields.List(fields.String(validate=a_network), validate=RANGES, metadata={"example": EXAMPLE})
    is_enforced = fields.Boolean()


class NewNetworkPolicySchema(NetworkPolicyChangeSchema):
    """A network policy to be added."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Offices and remote access"})
    applies_to = fields.String(required=True, validate=AUDIENCE, metadata=FOR_WHOM)
    ranges = fields.List(
        fields.String(validate=a_network), required=True, validate=RANGES, metadata={"example": EXAMPLE}
    )
