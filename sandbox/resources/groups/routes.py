"""The views of groups and their members."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import NoFilters, accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.groups import service
from sandbox.resources.groups.model import Group
from sandbox.resources.groups.schema import (
    GroupChangeSchema,
    GroupFilters,
    GroupSchema,
    MemberSchema,
    MembershipSchema,
    NewGroupSchema,
)
from sandbox.resources.users.model import GroupMembership

blueprint = Blueprint("groups", __name__, url_prefix="/v1")


@blueprint.get("/groups")
@requires("groups:read")
@returns(GroupSchema())
@paginates(GroupFilters())
def list_groups(**filters: Any) -> Pageable:
    """List groups."""
    return Keyset(service.search(**filters), Group.id, service.present)


@blueprint.get("/groups/<group_id>")
@requires("groups:read")
@returns(GroupSchema(), conditional=True)
def read_group(group_id: str) -> service.GroupView:
    """Read one group."""
    return service.present([service.find(group_id)])[0]


@blueprint.post("/groups")
@requires("groups:write")
@idempotent
@may_raise(Conflict)
@returns(GroupSchema(), status=201)
@accepts(NewGroupSchema())
def create_group(**given: Any) -> service.GroupView:
    """Add a group. A name that another group has is refused with 409."""
    return service.present([service.create(**given)])[0]


@blueprint.patch("/groups/<group_id>")
@requires("groups:write")
@may_raise(Conflict)
@returns(GroupSchema(), conditional=True)
@accepts(GroupChangeSchema())
def update_group(group_id: str, **given: Any) -> service.GroupView:
    """Change a group. Fields that are not given stay."""
    return service.present([service.update(group_id, **given)])[0]


@blueprint.delete("/groups/<group_id>")
@requires("groups:write")
@no_content
def delete_group(group_id: str) -> None:
    """Delete a group; its members stay as people."""
    service.delete(group_id)


@blueprint.get("/groups/<group_id>/members")
@requires("groups:read")
@returns(MemberSchema())
@paginates(NoFilters())
def list_group_members(group_id: str) -> Pageable:
    """List the people in a group."""
    return Keyset(service.members(group_id), GroupMembership.id, service.present_members)


@blueprint.post("/groups/<group_id>/members")
@requires("groups:write")
@idempotent
@may_raise(Conflict)
@no_content
@accepts(MembershipSchema())
def add_group_member(group_id: str, *, user_id: str) -> None:
    """Put a person into a group; who is in it already stays in it."""
    service.add_member(group_id, user_id=user_id)


@blueprint.delete("/groups/<group_id>/members/<user_id>")
@requires("groups:write")
@no_content
def remove_group_member(group_id: str, user_id: str) -> None:
    """Take a person out of a group."""
    service.remove_member(group_id, user_id=user_id)


@blueprint.get("/users/<user_id>/groups")
@requires("groups:read")
@returns(GroupSchema())
@paginates(NoFilters())
def list_user_groups(user_id: str) -> Pageable:
    """List the groups that a person is in."""
    return Keyset(service.of_user(user_id), Group.id, service.present)
