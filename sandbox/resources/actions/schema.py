"""Response actions on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField
from sandbox.resources.actions.catalog import CATALOG


class ActionTargetSchema(Schema):
    """What was acted on."""

    type = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class ActionActorSchema(Schema):
    """Who acted."""

    type = fields.String(required=True, metadata={"description": "user, client, service or system."})
    id = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class ActionResultSchema(Schema):
    """What came of an action."""

    changed = fields.Boolean(required=True, metadata={"description": "False: everything was as wanted already."})
    sessions_revoked = fields.Integer(metadata={"description": "Sessions that were alive."})
    factors_removed = fields.Integer(metadata={"description": "Second factors that there were."})
    authorizations_revoked = fields.Integer(metadata={"description": "Authorizations whose tokens were alive."})


class ResponseActionSchema(Schema):
    """A response action."""

    id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null for a dry run, which is not kept.", "example": "act_01k3m4xq8e0v9s6t2c7d5a1b3f"},
    )
    name = fields.String(required=True, metadata={"example": "suspend_user"})
    target = fields.Nested(ActionTargetSchema, required=True)
    reason = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "completed or dry_run."})
    actor = fields.Nested(ActionActorSchema, required=True)
    created_at = MomentField(required=True)
    inverse = fields.String(
        required=True, allow_none=True, metadata={"description": "The action that would undo it; null: nothing can."}
    )
    undo_of = fields.String(required=True, allow_none=True, metadata={"description": "The action that it undid."})
    result = fields.Nested(ActionResultSchema, required=True)


class ActionFilters(Schema):
    """What actions can be searched by."""

    target_id = fields.String(validate=validate.Length(1, 40))
    name = fields.String(validate=validate.OneOf(list(CATALOG)))


class ActionOrderSchema(Schema):
    """Why an action is taken, and whether really."""

    reason = fields.String(
        required=True, validate=validate.Length(1, 500), metadata={"description": "For the record: why this is done."}
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Tell what would happen, and do nothing."})
    undo_of = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 40),
        metadata={"description": "The action that this one undoes."},
    )
