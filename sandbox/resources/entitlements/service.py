"""The rule of entitlements: the scopes of all roles together, whence each comes, and how far they reach."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from sandbox.access.scopes import SCOPES, parse_scope, write_scope
from sandbox.foundation.database import db
from sandbox.resources.entitlements.model import (
    ConfigurationRights,
    DataRights,
    Entitlements,
    Permission,
    ProjectAccess,
    Reach,
    Source,
)
from sandbox.resources.groups.model import Group
from sandbox.resources.groups.service import of_user as groups_of
from sandbox.resources.projects.model import Project, ProjectMember
from sandbox.resources.roles.model import Role
from sandbox.resources.roles.service import of_user as roles_of
from sandbox.resources.users.model import RoleAssignment
from sandbox.resources.users.service import find as find_user


def of(user_id: str) -> Entitlements:
    """Tell what a person may do; raises NotFound."""
    user, roles = find_user(user_id), roles_of(user_id)
    scopes = frozenset[str]().union(*(parse_scope(role.scope) for role in roles))
    return Entitlements(
        user_id=user.id,
        is_effective=user.status == "active",
        roles=roles,
        scopes=write_scope(scopes).split(),
        permissions=list(_permissions(user.id, roles, scopes)),
        groups=list(db.session.scalars(groups_of(user.id).order_by(Group.name))),
        data=DataRights(
            read=_reach(scopes, "files:read", everything="audit:read"),
            write=_reach(scopes, "files:write", everything="configuration:write"),
            projects=_projects(user.id),
        ),
        configuration=ConfigurationRights("configuration:read" in scopes, "configuration:write" in scopes),
    )


def _permissions(user_id: str, roles: list[Role], scopes: frozenset[str]) -> Iterator[Permission]:
    assigned = select(RoleAssignment.role_key, RoleAssignment.created_at).where(RoleAssignment.user_id == user_id)
    since = dict(iter(db.session.execute(assigned)))
    for scope in write_scope(scopes).split():
        sources = [Source(one.id, one.key, since[one.key]) for one in roles if scope in parse_scope(one.scope)]
        yield Permission(scope, SCOPES[scope], sources)


def _reach(scopes: frozenset[str], door: str, *, everything: str) -> Reach:
    """Tell whose things somebody reaches once the door is open; `users.standing` is what holds them to it."""
    if door not in scopes:
        return "none"
    return "all" if everything in scopes else "own"


def _projects(user_id: str) -> list[ProjectAccess]:
    joined = select(ProjectMember.project_id).where(ProjectMember.user_id == user_id)
    theirs = select(Project).where((Project.owner_id == user_id) | Project.id.in_(joined)).order_by(Project.name)
    return [
        ProjectAccess(one.id, one.name, "owner" if one.owner_id == user_id else "member")
        for one in db.session.scalars(theirs)
    ]
