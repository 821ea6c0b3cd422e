"""Projects on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

NAME = validate.Length(1, 200)
USER = validate.Length(1, 40)
VISIBILITY = validate.OneOf(["private", "organization"])


class ProjectSchema(Schema):
    """A place for files, and the people in it."""

    id = fields.String(required=True, metadata={"example": "prj_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True, metadata={"example": "Albatross pilot"})
    description = fields.String(required=True)
    owner_id = fields.String(required=True, metadata={"example": "usr_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    visibility = fields.String(
        required=True,
        metadata={"description": "private: its people; organization: every colleague, no guest.", "example": "private"},
    )
    is_archived = fields.Boolean(required=True, metadata={"description": "Nothing in it can be changed any longer."})
    member_count = fields.Integer(required=True, metadata={"description": "Its owner included.", "example": 12})
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True, metadata={"description": "Last change of the project or its members."})
    archived_at = MomentField(required=True, allow_none=True)


class ProjectFilters(Schema):
    """What projects can be searched by."""

    owner_id = fields.String(validate=USER)
    member_id = fields.String(validate=USER, metadata={"description": "This person is in it."})
    visibility = fields.String(validate=VISIBILITY)
    is_archived = fields.Boolean()


class NewProjectSchema(Schema):
    """A project to be added."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Albatross pilot"})
    description = fields.String(load_default="", validate=validate.Length(max=2000))
    owner_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=USER,
        metadata={"description": "Only administrators name somebody else; a client that acts for itself must."},
    )
    visibility = fields.String(load_default="private", validate=VISIBILITY)


class ProjectChangeSchema(Schema):
    """What can be changed about a project."""

    name = fields.String(validate=NAME)
    description = fields.String(validate=validate.Length(max=2000), metadata={"example": "The first ten customers."})
    owner_id = fields.String(validate=USER, metadata={"description": "A colleague, who becomes a member."})
    visibility = fields.String(validate=VISIBILITY)
    is_archived = fields.Boolean()


class ProjectMembershipSchema(Schema):
    """Who is to be in a project."""

    user_id = fields.String(required=True, validate=USER, metadata={"example": "usr_01k3m4xq8e0v9s6t2c7d5a1b3f"})


class ProjectMemberSchema(Schema):
    """A person in a project."""

    user_id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    is_external = fields.Boolean(required=True, metadata={"description": "A guest of another organization."})
    added_at = MomentField(required=True)
