"""Bulk exports on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField
from sandbox.resources.exports.sources import FORMATS, SOURCES

ID = validate.Length(1, 40)
KIND = validate.OneOf(list(SOURCES))


class RequesterSchema(Schema):
    """Who asked for an export."""

    type = fields.String(required=True, metadata={"description": "user, client, service or system."})
    id = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class ExportSchema(Schema):
    """A bulk export."""

    id = fields.String(required=True, metadata={"example": "exp_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Project archive"})
    kind = fields.String(required=True, metadata={"description": f"{', '.join(SOURCES)}.", "example": "files"})
    project_id = fields.String(required=True, allow_none=True, metadata={"description": "Of files: only this project."})
    format = fields.String(required=True, metadata={"example": "csv"})
    status = fields.String(
        required=True,
        metadata={
            "description": "running, completed, expired or cancelled.",
            "example": "completed",
        },
    )
    rows = fields.Integer(required=True, allow_none=True, metadata={"description": "null until it is complete."})
    requested_by = fields.Nested(RequesterSchema, required=True)
    created_at = MomentField(required=True)
    completed_at = MomentField(required=True, allow_none=True)
    cancelled_at = MomentField(required=True, allow_none=True)
    expires_at = MomentField(required=True, metadata={"description": "Until when it can be downloaded."})


class ExportFilters(Schema):
    """What exports can be searched by."""

    kind = fields.String(validate=KIND)
    status = fields.String(validate=validate.OneOf(["running", "completed", "expired", "cancelled"]))
    user_id = fields.String(validate=ID, metadata={"description": "Asked for by this person."})


class NewExportSchema(Schema):
    """What is to be exported."""

    kind = fields.String(required=True, validate=KIND, metadata={"example": "files"})
    project_id = fields.String(
        load_default=None, allow_none=True, validate=ID, metadata={"description": "Of files: only this project."}
    )
    format = fields.String(load_default="csv", validate=validate.OneOf(FORMATS))
