"""The views of people. What belongs to them elsewhere (sessions, grants, groups) is mounted by its own resource."""

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
from sandbox.resources.users import invitations, service
from sandbox.resources.users.model import Factor, User
from sandbox.resources.users.schema import FactorSchema, NewUserSchema, UserChangeSchema, UserFilters, UserSchema

blueprint = Blueprint("users", __name__, url_prefix="/v1/users")


@blueprint.get("")
@requires("users:read")
@returns(UserSchema())
@paginates(UserFilters())
def list_users(**filters: Any) -> Pageable:
    """List people.

    Deleted ones stay visible as tombstones: ask with `include=deleted`, or for them alone with `status=deleted`.
    """
    return Keyset(service.search(**filters), User.id, service.present, service.COLUMNS)


@blueprint.get("/<user_id>")
@requires("users:read")
@returns(UserSchema(), conditional=True)
def read_user(user_id: str) -> service.UserView:
    """Read one person, tombstones too."""
    return service.present([service.find(user_id)])[0]


@blueprint.post("")
@requires("users:write")
@idempotent
@may_raise(Conflict)
@returns(UserSchema(), status=201)
@accepts(NewUserSchema())
def create_user(**given: Any) -> service.UserView:
    """Add a person, who becomes a member. An address that a living person has is refused with 409.

    People need a role that may invite (`admin.invites.allowed_roles`).
    """
    invitations.check_may_invite()
    return service.present([service.create(**given)])[0]


@blueprint.patch("/<user_id>")
@requires("users:write")
@may_raise(Conflict)
@returns(UserSchema(), conditional=True)
@accepts(UserChangeSchema())
def update_user(user_id: str, **given: Any) -> service.UserView:
    """Change a profile. Fields that are not given stay; a tombstone cannot be changed."""
    return service.present([service.update(user_id, **given)])[0]


@blueprint.delete("/<user_id>")
@requires("users:write")
@may_raise(Conflict)
@no_content
def delete_user(user_id: str) -> None:
    """Delete a person.

    Sessions, tokens, grants, factors, roles and memberships end at once; a tombstone remains, and the address may be
    used again. The last active administrator cannot be deleted.
    """
    service.delete(user_id)


@blueprint.get("/<user_id>/factors")
@requires("users:read")
@returns(FactorSchema())
@paginates(NoFilters())
def list_user_factors(user_id: str) -> Pageable:
    """List the second factors that a person enrolled."""
    return Keyset(service.factors(user_id), Factor.id)
