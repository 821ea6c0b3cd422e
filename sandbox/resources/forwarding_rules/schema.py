"""Forwarding rules on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

USER = validate.Length(1, 40)
CONTENT = validate.OneOf(["notifications", "documents", "everything"])


class ForwardingRuleSchema(Schema):
    """What of a person's is sent on to another address."""

    id = fields.String(required=True, metadata={"example": "fwr_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    user_id = fields.String(
        required=True, metadata={"description": "Whose.", "example": "usr_01k3m4xq8e0v9s6t2c7d5a1b3f"}
    )
    address = fields.String(required=True, metadata={"example": "team-inbox@acme.example"})
    content = fields.String(
        required=True, metadata={"description": "notifications, documents or everything.", "example": "notifications"}
    )
    is_external = fields.Boolean(
        required=True, metadata={"description": "The address belonged to nobody of the organization."}
    )
    is_enabled = fields.Boolean(required=True)
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)


class ForwardingRuleFilters(Schema):
    """What forwarding rules can be searched by."""

    user_id = fields.String(validate=USER)
    is_external = fields.Boolean()
    is_enabled = fields.Boolean()


class NewForwardingRuleSchema(Schema):
    """A rule to be added."""

    user_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=USER,
        metadata={"description": "Only administrators name somebody else; a client that acts for itself must."},
    )
    address = fields.Email(
        required=True, validate=validate.Length(max=254), metadata={"example": "team-inbox@acme.example"}
    )
    content = fields.String(load_default="notifications", validate=CONTENT)


class ForwardingRuleChangeSchema(Schema):
    """What can be changed about a rule. Another address is another rule."""

    content = fields.String(validate=CONTENT)
    is_enabled = fields.Boolean()
