"""The rules of files: who finds which, who changes them, and that nothing is lost before the trash is emptied.

A file is found by its owner, by those who find its project, and by those whom it is shared with. Its owner and the members
of its project change it, as long as the project is not archived. What a token's authorization details allow narrows both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.files import sharing, uploads
from sandbox.resources.files.model import File
from sandbox.resources.projects import service as projects
from sandbox.resources.projects.model import Project
from sandbox.resources.projects.reach import reaches, within
from sandbox.resources.users.model import User
from sandbox.resources.users.standing import Standing, conceal, own_or_named, refuse, standing


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as shown: with its path, and how far its shares reach now."""

    id: str
    name: str
    folder: str
    path: str
    project_id: str | None
    owner_id: str
    size: int
    type: str
    status: str
    sharing: str
    labels: list[str]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def search(**filters: Any) -> Select[File]:
    """Select the files that the actor may find; `filters` are those of `FileFilters`. Trashed ones only when asked for."""
    if filters.pop("include", None) != "trashed" and "status" not in filters:
        filters["status"] = "active"
    return select(File).where(_findable(), *(_CONDITIONS[name](value) for name, value in filters.items()))


def find(file_id: str) -> File:
    """Find a file that the actor may know of, in the trash too; raises NotFound."""
    missing = f"There is no file {file_id}."
    if (file := db.session.get(File, (current_tenant_id(), file_id))) is None:
        raise NotFound(missing, id=file_id)
    if db.session.scalar(select(File.id).where(File.id == file_id, _findable())) is None:
        conceal(missing, target_of(file))
    return file


def present(files: Sequence[File]) -> list[FileView]:
    """Show files, with the shares of all of them read in one statement."""
    widest = sharing.widest([file.id for file in files])
    return [
        FileView(
            id=file.id,
            name=file.name,
            folder=file.folder,
            path=f"{file.folder.rstrip('/')}/{file.name}",
            project_id=file.project_id,
            owner_id=file.owner_id,
            size=file.size,
            type=file.type,
            status="trashed" if file.deleted_at else "active",
            sharing=widest.get(file.id, "private"),
            labels=file.labels,
            created_at=file.created_at,
            updated_at=file.updated_at,
            deleted_at=file.deleted_at,
        )
        for file in files
    ]


def upload(*, owner_id: str | None = None, project_id: str | None = None, **given: Any) -> File:
    """Keep a new file, in a project or as somebody's own.

    Raises InvalidRequest, Conflict for an archived project, and Forbidden for one that the actor is no member of.
    """
    with transaction() as session:
        uploads.check_upload(given["name"])
        me = standing()
        owner = _living(own_or_named(me, owner_id, "owner_id"))
        if project_id is not None:
            _check_place(me, project_id)
        if not reaches(project_id, "write", "files"):
            refuse("The authorization details of this token do not let it add files there.")
        file = File(owner_id=owner.id, project_id=project_id, **given)
        session.add(file)
        session.flush()
        record("file.uploaded", targets=[target_of(file)], details={"size": file.size, "project_id": project_id})
        return file


def update(file_id: str, *, expecting: Callable[[FileView], None], **given: Any) -> File:
    """Rename, move or label a file, if it still is what the caller expects; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, Conflict for one
    in the trash, and Forbidden.
    """
    with transaction():
        file = hold(file_id, "write")
        expecting(present([file])[0])
        if "labels" in given:
            given["labels"] = sorted(set(given["labels"]))
        new = {name: value for name, value in given.items() if getattr(file, name) != value}
        if not new:
            return file
        if "name" in new:
            uploads.check_name(new["name"])
        changes = [(name, getattr(file, name), value) for name, value in new.items()]
        for name, value in new.items():
            setattr(file, name, value)
        file.updated_at = now()
        record("file.renamed" if "name" in new else "file.updated", targets=[target_of(file)], changes=changes)
        return file


def download(file_id: str) -> tuple[str, bytes]:
    """Give name and content of a file, and record that it was downloaded; raises NotFound, and Conflict in the trash.

    Who sees all files only because they look after security sees what there is, not what is in it: raises Forbidden.
    """
    with transaction():
        file = find(file_id)
        _check_may_read(file)
        expect_active(file)
        record("file.downloaded", targets=[target_of(file)], details={"size": file.size})
        return file.name, content_of(file)


def delete(file_id: str) -> None:
    """Put a file into the trash, where nobody opens it; doing it twice is doing it once. Raises NotFound and Forbidden."""
    with transaction():
        file = hold(file_id, "delete", trashed=True)
        if file.deleted_at is None:
            file.deleted_at = file.updated_at = now()
            record("file.deleted", targets=[target_of(file)])


def restore(file_id: str) -> File:
    """Take a file out of the trash, shared as it was; one that is not in it stays as it is. Raises as `delete` does."""
    with transaction():
        file = hold(file_id, "write", trashed=True)
        if file.deleted_at is not None:
            file.deleted_at, file.updated_at = None, now()
            record("file.restored", targets=[target_of(file)])
        return file


def hold(file_id: str, action: str, *, trashed: bool = False) -> File:
    """Find a file that the actor may change, and queue behind whoever changes it at this moment.

    `action` is one of authorization details. Raises NotFound, Forbidden, and Conflict for one that is archived or, unless
    `trashed`, in the trash.
    """
    file, me = find(file_id), standing()
    if not (me.acts_on_all or file.owner_id == me.user_id or _is_colleague(file, me)):
        refuse("Only its owner, members of its project and administrators change a file.", target_of(file))
    if not reaches(file.project_id, action, "files"):
        refuse(f"The authorization details of this token do not let it {action} this file.", target_of(file))
    projects.expect_open(file.project_id)
    file = db.session.get(File, (current_tenant_id(), file_id), with_for_update=True) or file
    if not trashed:
        expect_active(file)
    return file


def expect_active(file: File) -> None:
    """Raise Conflict for a file that is in the trash."""
    if file.deleted_at is not None:
        raise Conflict(f"{file.id} is in the trash; restore it first.", id=file.id)


def content_of(file: File) -> bytes:
    """Make up what a file holds: a line that says which it would be, whatever its size."""
    return f"Harbor keeps no content. This stands for {file.name} ({file.type}, {file.size} bytes).\n".encode()


def target_of(file: File) -> Target:
    """Name a file as the audit log names what was acted on."""
    return ("file", file.id, file.name)


def _findable() -> ColumnElement[bool]:
    return _visible(standing()) & within(File.project_id, "read", "files")


def _visible(me: Standing) -> ColumnElement[bool]:
    if me.sees_all:
        return true()
    shared = File.id.in_(sharing.shared_with(me))
    return or_(File.owner_id == me.user_id, File.project_id.in_(projects.open_to(me)), shared)


def _check_may_read(file: File) -> None:
    me = standing()
    theirs = select(File.id).where(File.id == file.id, _visible(dataclasses.replace(me, sees_all=me.acts_on_all)))
    if me.user_id is not None and db.session.scalar(theirs) is None:
        refuse("Your roles let you see that this file is there, not what is in it.", target_of(file))


def _is_colleague(file: File, me: Standing) -> bool:
    return file.project_id is not None and projects.is_member(file.project_id, me.user_id)


def _check_place(me: Standing, project_id: str) -> None:
    place = db.session.scalar(select(Project).where(Project.id == project_id, projects.visible(me)))
    if place is None:
        detail = f"there is no project {project_id}"
        raise InvalidRequest("Name a project that exists.", errors=[{"pointer": "/project_id", "detail": detail}])
    if not (me.acts_on_all or projects.is_member(project_id, me.user_id)):
        refuse("Only its members add files to a project.", projects.target_of_project(place))
    projects.expect_open(project_id)


def _living(user_id: str) -> User:
    user = db.session.get(User, (current_tenant_id(), user_id))
    if user is None or user.status == "deleted":
        detail = f"there is no user {user_id}"
        raise InvalidRequest("Name an owner who exists.", errors=[{"pointer": "/owner_id", "detail": detail}])
    return user


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "name": lambda name: File.name == name,
    "folder": lambda folder: File.folder == folder,
    "project_id": lambda project_id: File.project_id == project_id,
    "owner_id": lambda owner_id: File.owner_id == owner_id,
    "type": lambda media_type: File.type == media_type,
    "label": lambda label: File.marks.contains(f" {label} ", autoescape=True),
    "sharing": lambda state: sharing.is_shared(state),
    "status": lambda status: File.deleted_at.is_(None) if status == "active" else File.deleted_at.is_not(None),
    "updated_since": lambda moment: File.updated_at >= moment,
}
