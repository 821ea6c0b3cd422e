"""Security settings on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField
from sandbox.resources.configuration.advice import RULES
from sandbox.resources.configuration.catalog import CATEGORIES

VALUE = {
    "description": "Of the kind that `type` and `allowed` tell.",
    "type": ["boolean", "integer", "string", "array"],
    "items": {"type": "string"},
}
ALLOWED = {
    "description": "The values of an enum or items of a list, the bounds of an integer; null: no such limit.",
    "type": ["array", "object"],
    "items": {"type": "string"},
    "properties": {"minimum": {"type": "integer"}, "maximum": {"type": "integer"}},
}


RECOMMENDED = {
    "description": "What `rule` compares with: a value, the bounds of `from_to`, words; null for `set`: wants anything.",
    "type": ["boolean", "integer", "string", "array"],
    "items": {"type": ["string", "integer"]},
}


class SettingSchema(Schema):
    """A security setting."""

    key = fields.String(required=True, metadata={"example": "identity.mfa.enforcement"})
    value = fields.Raw(required=True, allow_none=True, metadata=VALUE)
    default = fields.Raw(required=True, allow_none=True, metadata=VALUE)
    type = fields.String(required=True, metadata={"description": "boolean, integer, string, enum or list."})
    allowed = fields.Raw(required=True, allow_none=True, metadata=ALLOWED)
    category = fields.String(required=True)
    description = fields.String(required=True)
    depends_on = fields.List(
        fields.String(), required=True, metadata={"description": "Without these it has no effect."}
    )
    since = fields.Date(required=True, metadata={"description": "When the setting was introduced."})
    updated_at = MomentField(required=True, allow_none=True, metadata={"description": "null: never changed."})
    updated_by = fields.String(
        required=True, allow_none=True, metadata={"description": "The person; null for a client or the system."}
    )


class SettingFilters(Schema):
    """What settings can be searched by."""

    category = fields.String(validate=validate.OneOf(CATEGORIES))


class SettingValueSchema(Schema):
    """What a setting is to be."""

    value = fields.Raw(required=True, allow_none=True, metadata=VALUE)


class RevisionSchema(Schema):
    """A setting that is new, or became another one."""

    id = fields.String(required=True, metadata={"example": "2024-02-05 added apps.publisher_verified_only"})
    date = fields.Date(required=True)
    kind = fields.String(required=True, metadata={"description": "added or changed.", "example": "added"})
    key = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "What it is for, or what became different."})


class RecommendationSchema(Schema):
    """What a setting should be, and whether it is."""

    key = fields.String(required=True, metadata={"example": "identity.password.min_length"})
    category = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True, metadata=VALUE)
    rule = fields.String(required=True, metadata={"enum": list(RULES), "example": "at_least"})
    recommended = fields.Raw(required=True, allow_none=True, metadata=RECOMMENDED)
    is_followed = fields.Boolean(required=True)
    severity = fields.String(required=True, metadata={"enum": ["critical", "high", "medium", "low"]})
    why = fields.String(required=True)


class RecommendationFilters(Schema):
    """What recommendations can be searched by."""

    category = fields.String(validate=validate.OneOf(CATEGORIES))
    is_followed = fields.Boolean(truthy={"true"}, falsy={"false"})


class ChangedBySchema(Schema):
    """Who changed a setting."""

    type = fields.String(required=True, metadata={"description": "user, client, service or system."})
    id = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class SettingChangeSchema(Schema):
    """One change of a setting."""

    id = fields.String(required=True, metadata={"example": "cfg_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    key = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True, metadata=VALUE)
    new = fields.Raw(required=True, allow_none=True, metadata=VALUE)
    changed_at = MomentField(required=True)
    changed_by = fields.Nested(ChangedBySchema, required=True)
    event_id = fields.String(required=True, metadata={"description": "The audit event that says so."})
