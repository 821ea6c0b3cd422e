"""Webhooks on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

URL = validate.Length(1, 2000)
STATUS = validate.OneOf(["enabled", "disabled"])
PATTERN = validate.Regexp(
    r"(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)\Z",
    error="an action such as user.suspended, or a pattern such as auth.*, is expected",
)
WHERE = {"description": "Where it is sent to: https.", "example": "https://hooks.acme.example/harbor"}
WHICH = {"description": "Actions, or patterns such as `auth.*`; empty: all.", "example": ["auth.*", "user.suspended"]}
SIGNED = {
    "description": "Whether messages carry a signature (Standard Webhooks); false needs a setting that allows it."
}
SECRET = {
    "description": "What messages are signed with (Standard Webhooks). Shown this once; null in a repeated answer.",
    "example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwTf3hP0t2yNk=",
}


class WebhookSchema(Schema):
    """An address that is called with what happens."""

    id = fields.String(required=True, metadata={"example": "whk_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    url = fields.String(required=True, metadata=WHERE)
    description = fields.String(required=True)
    events = fields.List(fields.String(), required=True, metadata=WHICH)
    is_signed = fields.Boolean(required=True, metadata=SIGNED)
    status = fields.String(required=True, metadata={"description": "enabled or disabled."})
    disabled_reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was switched off by itself; null: it was not."}
    )
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True)
    last_success_at = MomentField(required=True, allow_none=True, metadata={"description": "null: never."})
    last_failure_at = MomentField(required=True, allow_none=True, metadata={"description": "null: never."})
    consecutive_failures = fields.Integer(
        required=True, metadata={"description": "Attempts that failed since the last that did not."}
    )


class WebhookFilters(Schema):
    """What webhooks can be searched by."""

    status = fields.String(validate=STATUS)


class WebhookChangeSchema(Schema):
    """What can be changed about a webhook."""

    url = fields.String(validate=URL, metadata=WHERE)
    description = fields.String(validate=validate.Length(max=500))
    events = fields.List(fields.String(validate=PATTERN), validate=validate.Length(max=100), metadata=WHICH)
    is_signed = fields.Boolean(metadata=SIGNED)
    status = fields.String(validate=STATUS)


class NewWebhookSchema(Schema):
    """A webhook to be added."""

    url = fields.String(required=True, validate=URL, metadata=WHERE)
    description = fields.String(load_default="", validate=validate.Length(max=500))
    events = fields.List(
        fields.String(validate=PATTERN), load_default=list, validate=validate.Length(max=100), metadata=WHICH
    )
    is_signed = fields.Boolean(load_default=True, metadata=SIGNED)


class MadeWebhookSchema(WebhookSchema):
    """A webhook with its secret, which is null too for one that does not sign."""

    secret = fields.String(required=True, allow_none=True, metadata=SECRET)


class SecretSchema(Schema):
    """The new secret, and how long the former one signs too (protocol time)."""

    secret = fields.String(required=True, allow_none=True, metadata=SECRET)
    former_until = MomentField(required=True)
