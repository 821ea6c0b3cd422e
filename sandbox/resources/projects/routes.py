"""The views of projects and their members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict, Forbidden
from sandbox.http.contract import NoFilters, accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.projects import service
from sandbox.resources.projects.model import Project, ProjectMember
from sandbox.resources.projects.schema import (
    NewProjectSchema,
    ProjectChangeSchema,
    ProjectFilters,
    ProjectMemberSchema,
    ProjectMembershipSchema,
    ProjectSchema,
)
from sandbox.resources.projects.service import ProjectView

blueprint = Blueprint("projects", __name__, url_prefix="/v1/projects")


@blueprint.get("")
@requires("files:read")
@returns(ProjectSchema())
@paginates(ProjectFilters())
def list_projects(**filters: Any) -> Pageable:
    """List projects.

    People see those that they are in, and those that are open to the organization; administrators and auditors see all.
    """
    return Keyset(service.search(**filters), Project.id, service.present)


@blueprint.get("/<project_id>")
@requires("files:read")
@returns(ProjectSchema(), conditional=True)
def read_project(project_id: str) -> ProjectView:
    """Read one project. Its ETag is what a change must name."""
    return service.present([service.find(project_id)])[0]


@blueprint.post("")
@requires("files:write")
@idempotent
@may_raise(Forbidden)
@returns(ProjectSchema(), status=201)
@accepts(NewProjectSchema())
def create_project(**given: Any) -> ProjectView:
    """Add a project. Its owner is its first member."""
    return service.present([service.create(**given)])[0]


@blueprint.patch("/<project_id>")
@requires("files:write")
@may_raise(Forbidden)
@returns(ProjectSchema(), conditional=True)
@if_match(ProjectSchema())
@accepts(ProjectChangeSchema())
def update_project(project_id: str, *, expecting: Callable[[ProjectView], None], **given: Any) -> ProjectView:
    """Change a project, archive it or open it again. Fields that are not given stay.

    Send the ETag that you read in `If-Match`: 428 without it, 412 if somebody changed the project since. Its owner and
    administrators may.
    """
    return service.present([service.update(project_id, expecting=expecting, **given)])[0]


@blueprint.get("/<project_id>/members")
@requires("files:read")
@may_raise(Forbidden)
@returns(ProjectMemberSchema())
@paginates(NoFilters())
def list_project_members(project_id: str) -> Pageable:
    """List the people in a project."""
    return Keyset(service.members(project_id), ProjectMember.id, service.present_members)


@blueprint.post("/<project_id>/members")
@requires("files:write")
@idempotent
@may_raise(Conflict, Forbidden)
@no_content
@accepts(ProjectMembershipSchema())
def add_project_member(project_id: str, *, user_id: str) -> None:
    """Put a person into a project, guests too; who is in it already stays in it."""
    service.add_member(project_id, user_id=user_id)


@blueprint.delete("/<project_id>/members/<user_id>")
@requires("files:write")
@may_raise(Conflict, Forbidden)
@no_content
def remove_project_member(project_id: str, user_id: str) -> None:
    """Take a person out of a project; its owner must give it on first."""
    service.remove_member(project_id, user_id=user_id)
