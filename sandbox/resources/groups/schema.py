"""Groups on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.http.moments import MomentField

NAME = validate.Length(1, 200)
TYPE = validate.OneOf(["team", "security"])


class GroupSchema(Schema):
    """People who belong together."""

    id = fields.String(required=True, metadata={"example": "grp_01k3m4xq8e0v9s6t2c7d5a1b3f"})
    name = fields.String(required=True)
    description = fields.String(required=True)
    type = fields.String(required=True, metadata={"description": "team; security: access is given to it."})
    member_count = fields.Integer(required=True)
    created_at = MomentField(required=True)
    updated_at = MomentField(required=True, metadata={"description": "Last change of the group or its members."})


class GroupFilters(Schema):
    """What groups can be searched by."""

    name = fields.String(validate=NAME, metadata={"description": "Exactly this name."})
    type = fields.String(validate=TYPE)


class GroupChangeSchema(Schema):
    """What can be changed about a group."""

    name = fields.String(validate=NAME)
    description = fields.String(validate=validate.Length(max=2000))
    type = fields.String(validate=TYPE)


class NewGroupSchema(GroupChangeSchema):
    """A group to be added."""

    name = fields.String(required=True, validate=NAME)


class MembershipSchema(Schema):
    """Who is to be in a group."""

    user_id = fields.String(required=True, validate=validate.Length(1, 40))


class MemberSchema(Schema):
    """A person in a group."""

    user_id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    added_at = MomentField(required=True)
