"""The rules of projects: people find those that they are in, and those that are open to every colleague.

The owner and administrators change a project and say who is in it. An archived one is kept as it is: `expect_open` is for
whoever changes something inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy import delete as delete_rows

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.projects.model import Project, ProjectMember
from sandbox.resources.projects.reach import reach, reaches, within
from sandbox.resources.users.model import User
from sandbox.resources.users.service import UserDeleted, find_living, target_of
from sandbox.resources.users.service import find as find_user
from sandbox.resources.users.standing import Standing, conceal, own_or_named, refuse, standing


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as shown: with the number of its people."""

    id: str
    name: str
    description: str
    owner_id: str
    visibility: str
    is_archived: bool
    member_count: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """A person in a project."""

    user_id: str
    email: str
    name: str
    is_external: bool
    added_at: datetime


def search(**filters: Any) -> Select[Project]:
    """Select the projects that the actor may find; `filters` are those of `ProjectFilters`."""
    conditions = [_CONDITIONS[name](value) for name, value in filters.items()]
    return select(Project).where(visible(standing()), within(Project.id), *conditions)


def visible(me: Standing) -> ColumnElement[bool]:
    """Write the condition that somebody may find a project."""
    if me.sees_all:
        return Project.id.is_not(None)
    mine = or_(Project.owner_id == me.user_id, Project.id.in_(_joined(me.user_id)))
    return mine if me.is_external else or_(mine, Project.visibility == "organization")


def open_to(me: Standing) -> Select[str]:
    """Select the ids of the projects that somebody may find."""
    return select(Project.id).where(visible(me))


def find(project_id: str) -> Project:
    """Find a project that the actor may know of; raises NotFound."""
    missing = f"There is no project {project_id}."
    if (project := db.session.get(Project, (current_tenant_id(), project_id))) is None:
        raise NotFound(missing, id=project_id)
    known = select(Project.id).where(Project.id == project_id, visible(standing()), within(Project.id))
    if db.session.scalar(known) is None:
        conceal(missing, target_of_project(project))
    return project


def is_member(project_id: str, user_id: str | None) -> bool:
    """Tell whether somebody is in a project."""
    return db.session.scalar(_joined(user_id).where(ProjectMember.project_id == project_id)) is not None


def expect_open(project_id: str | None) -> None:
    """Make sure that what lies in a project may be changed; raises Conflict for an archived one."""
    project = db.session.get(Project, (current_tenant_id(), project_id)) if project_id else None
    if project is not None and project.is_archived:
        raise Conflict(f"The project {project.id} is archived; open it again first.", id=project.id)


def present(projects: Sequence[Project]) -> list[ProjectView]:
    """Show projects, with their people counted in one statement."""
    held = select(ProjectMember.project_id, func.count()).where(
        ProjectMember.project_id.in_([project.id for project in projects])
    )
    counts = dict(db.session.execute(held.group_by(ProjectMember.project_id)).all())
    return [
        ProjectView(
            id=project.id,
            name=project.name,
            description=project.description,
            owner_id=project.owner_id,
            visibility=project.visibility,
            is_archived=project.is_archived,
            member_count=counts.get(project.id, 0),
            created_at=project.created_at,
            updated_at=project.updated_at,
            archived_at=project.archived_at,
        )
        for project in projects
    ]


def members(project_id: str) -> Select[ProjectMember]:
    """Select who is in a project; raises NotFound, and Forbidden for a token that must not know."""
    project = find(project_id)
    if not reaches(project.id, "read", "members"):
        refuse("The authorization details of this token do not reach its members.", target_of_project(project))
    return select(ProjectMember).where(ProjectMember.project_id == project.id)


def present_members(memberships: Sequence[ProjectMember]) -> list[MemberView]:
    """Show who is in a project, with names read in one statement."""
    ids = [membership.user_id for membership in memberships]
    people = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}
    pairs = [(membership, people[membership.user_id]) for membership in memberships]
    return [MemberView(who.id, who.email, who.name, who.is_external, since.created_at) for since, who in pairs]


def create(*, owner_id: str | None = None, **given: Any) -> Project:
    """Add a project, whose owner is its first member; raises InvalidRequest, and Forbidden for guests."""
    with transaction() as session:
        me = standing()
        if me.is_external or reach() is not None:
            refuse("Guests, and tokens that are bound to projects, add none.")
        owner = _colleague(own_or_named(me, owner_id, "owner_id"))
        project = Project(owner_id=owner.id, **given)
        session.add(project)
        session.flush()
        session.add(ProjectMember(project_id=project.id, user_id=owner.id))
        record("project.created", targets=[target_of_project(project)])
        return project


def update(project_id: str, *, expecting: Callable[[ProjectView], None], **given: Any) -> Project:
    """Change a project, if it still is what the caller expects; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, and Forbidden
    for anybody but its owner and administrators.
    """
    with transaction() as session:
        project = _hold(project_id)
        if reach() is not None:
            refuse("Authorization details reach into projects, and do not change them.", target_of_project(project))
        expecting(present([project])[0])
        if "owner_id" in given and not is_member(project.id, _colleague(given["owner_id"]).id):
            session.add(ProjectMember(project_id=project.id, user_id=given["owner_id"]))
        new = {name: value for name, value in given.items() if getattr(project, name) != value}
        if not new:
            return project
        changes = [(name, getattr(project, name), value) for name, value in new.items()]
        if "is_archived" in new:
            project.archived_at = now() if new.pop("is_archived") else None
        for name, value in new.items():
            setattr(project, name, value)
        project.updated_at = now()
        record("project.updated", targets=[target_of_project(project)], changes=changes)
        return project


def add_member(project_id: str, *, user_id: str) -> None:
    """Put a person into a project; doing it twice is doing it once. Raises NotFound, Forbidden, and Conflict."""
    with transaction() as session:
        project, user = _hold_members(project_id), find_living(user_id)
        if is_member(project.id, user.id):
            return
        session.add(ProjectMember(project_id=project.id, user_id=user.id))
        project.updated_at = now()
        record("project.member.added", targets=[target_of_project(project), target_of(user)])


def remove_member(project_id: str, *, user_id: str) -> None:
    """Take a person out of a project; raises NotFound if they are not in it, Forbidden, and Conflict for its owner."""
    with transaction() as session:
        project, user = _hold_members(project_id), find_user(user_id)
        if not is_member(project.id, user.id):
            raise NotFound(f"{user_id} is not in the project {project_id}.", id=user_id)
        if user.id == project.owner_id:
            raise Conflict(f"{user_id} owns the project; give it to somebody else first.", id=user_id)
        session.execute(
            delete_rows(ProjectMember).where(ProjectMember.project_id == project.id, ProjectMember.user_id == user.id)
        )
        project.updated_at = now()
        record("project.member.removed", targets=[target_of_project(project), target_of(user)])


def on_user_deleted(fact: UserDeleted) -> None:
    """Take somebody who was deleted out of every project; what they own stays theirs until it is given on."""
    db.session.execute(delete_rows(ProjectMember).where(ProjectMember.user_id == fact.user_id))


def target_of_project(project: Project) -> Target:
    """Name a project as the audit log names what was acted on."""
    return ("project", project.id, project.name)


def _hold(project_id: str) -> Project:
    """Find a project that the actor may change, and queue behind whoever changes it at this moment."""
    project, me = find(project_id), standing()
    if not me.acts_on_all and project.owner_id != me.user_id:
        refuse("Only its owner and administrators change a project.", target_of_project(project))
    return db.session.get(Project, (current_tenant_id(), project_id), with_for_update=True) or project


def _hold_members(project_id: str) -> Project:
    project = _hold(project_id)
    if not reaches(project.id, "write", "members"):
        refuse("The authorization details of this token do not change members.", target_of_project(project))
    return project


def _colleague(user_id: str) -> User:
    """Find somebody who can own a project; raises InvalidRequest."""
    user = db.session.get(User, (current_tenant_id(), user_id))
    if user is None or user.status == "deleted" or user.is_external:
        detail = f"there is no colleague {user_id}"
        raise InvalidRequest("Name an owner who exists.", errors=[{"pointer": "/owner_id", "detail": detail}])
    return user


def _joined(user_id: str | None) -> Select[str]:
    return select(ProjectMember.project_id).where(ProjectMember.user_id == user_id)


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "owner_id": lambda user_id: Project.owner_id == user_id,
    "member_id": lambda user_id: Project.id.in_(_joined(user_id)),
    "visibility": lambda visibility: Project.visibility == visibility,
    "is_archived": lambda archived: Project.archived_at.is_not(None) if archived else Project.archived_at.is_(None),
}
