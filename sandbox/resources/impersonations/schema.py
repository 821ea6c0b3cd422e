"""Impersonations on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

ID = validate.Length(1, 40)


class ImpersonationSchema(Schema):
    """Somebody who acts as somebody else."""

    id = fields.String(required=True, metadata={"example": "imp_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    user_id = fields.String(required=True, metadata={"description": "Whom the log names as the actor."})
    impersonator_id = fields.String(required=True, metadata={"description": "Who it really is."})
    reason = fields.String(required=True)
    has_consent = fields.Boolean(required=True, metadata={"description": "Whether the person agreed."})
    status = fields.String(required=True, metadata={"description": "active, expired or ended."})
    started_at = MomentField(required=True)
    expires_at = MomentField(required=True)
    ended_at = MomentField(required=True, allow_none=True, metadata={"description": "null: not ended before its time."})


class StartedImpersonationSchema(ImpersonationSchema):
    """An impersonation with its access token, which is told this once."""

    access_token = fields.String(
        required=True, allow_none=True, metadata={"description": "null if the request is repeated."}
    )
    token_type = fields.String(required=True, metadata={"example": "Bearer"})
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    scope = fields.String(required=True, metadata={"description": "What both may do."})


class ImpersonationFilters(Schema):
    """What impersonations can be searched by."""

    user_id = fields.String(validate=ID)
    impersonator_id = fields.String(validate=ID)


class ImpersonationOrderSchema(Schema):
    """Why, for how long, and whether the person agreed."""

    reason = fields.String(
        required=True, validate=validate.Length(1, 500), metadata={"example": "Sees no files; ticket 4711."}
    )
    duration_seconds = fields.Integer(
        load_default=900, strict=True, validate=validate.Range(60, 3600), metadata={"description": "At most."}
    )
    has_consent = fields.Boolean(
        load_default=False,
        metadata={"description": "The person agreed: needed where `admin.impersonation` is consent."},
    )
