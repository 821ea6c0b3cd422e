"""The views of roles: a contract above each, two or three lines below."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.acr import for_sensitive
from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import NoFilters, accepts, may_raise, no_content, returns
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.roles import service
from sandbox.resources.roles.model import Role
from sandbox.resources.roles.schema import AssignmentSchema, HolderSchema, RoleFilters, RoleSchema
from sandbox.resources.users.model import RoleAssignment

blueprint = Blueprint("roles", __name__, url_prefix="/v1/roles")


@blueprint.get("")
@requires("roles:read")
@returns(RoleSchema())
@paginates(RoleFilters())
def list_roles(**filters: Any) -> Pageable:
    """List roles."""
    return Keyset(service.search(**filters), Role.id, service.present)


@blueprint.get("/<role_id>")
@requires("roles:read")
@returns(RoleSchema(), conditional=True)
def read_role(role_id: str) -> service.RoleView:
    """Read one role."""
    return service.present([service.find(role_id)])[0]


@blueprint.get("/<role_id>/members")
@requires("roles:read")
@returns(HolderSchema())
@paginates(NoFilters())
def list_role_members(role_id: str) -> Pageable:
    """List the people who have a role."""
    return Keyset(service.holders(role_id), RoleAssignment.id, service.present_holders)


@blueprint.post("/<role_id>/members")
@requires("roles:write", sign_in=for_sensitive)
@may_raise(Conflict)
@no_content
@accepts(AssignmentSchema())
def grant_role(role_id: str, *, user_id: str) -> None:
    """Give a person the role; it counts from the next request on.

    Where the setting `identity.session.reauthentication_minutes` is not 0, a token that acts for a person is enough if they
    signed in with a second factor that many minutes ago at most; otherwise the challenge says what to ask for (RFC 9470).
    Clients that act for themselves need the scope only, and taking a role away needs no more of anybody.
    """
    service.grant(role_id, user_id=user_id)


@blueprint.delete("/<role_id>/members/<user_id>")
@requires("roles:write")
@may_raise(Conflict)
@no_content
def revoke_role(role_id: str, user_id: str) -> None:
    """Take the role from a person; it counts from the next request on."""
    service.revoke(role_id, user_id=user_id)
