"""The rules of bulk exports: who may take that much away, when an export is ready, and for how long it is kept.

A job is ready `TAKES` after it began, by business time, whether or not somebody looks. It is noticed when somebody does:
its completion is then recorded as having happened when it did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, select, true

from sandbox.foundation.actor import Actor, Party, acting_as, current_actor
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.configuration import service as configuration
from sandbox.resources.exports.model import Export
from sandbox.resources.exports.sources import SOURCES, content_of
from sandbox.resources.projects import service as projects
from sandbox.resources.projects.model import Project
from sandbox.resources.projects.reach import reach, reaches
from sandbox.resources.users.standing import Standing, conceal, refuse, standing

TAKES: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=7)
SETTING: Final = "data.bulk_export.non_admin"


def search(**filters: Any) -> Select[Export]:
    """Select the exports that the actor may see; `filters` are those of `ExportFilters`."""
    notice_completed()
    return select(Export).where(_visible(), *(_CONDITIONS[name](value) for name, value in filters.items()))


def find(export_id: str) -> Export:
    """Find an export that the actor may see; raises NotFound."""
    notice_completed()
    return _known(export_id)


def start(*, kind: str, project_id: str | None, format: str) -> Export:
    """Begin an export; raises InvalidRequest for a project that there is not, and Forbidden."""
    source = SOURCES[kind]
    with transaction() as session:
        _check_permitted(kind)
        if project_id is not None:
            _check_project(kind, project_id)
        if reach() is not None and not (kind == "files" and project_id and reaches(project_id, "read", "files")):
            refuse("The authorization details of this token let it export the files of their projects alone.")
        party = current_actor().party
        export = Export(
            name=source.name,
            kind=kind,
            project_id=project_id,
            format=format,
            requested_by=asdict(party),
            user_id=party.id if party.type in {"user", "service"} else None,
            ready_at=now() + TAKES,
            expires_at=now() + TAKES + KEPT,
        )
        session.add(export)
        session.flush()
        details = {"kind": kind, "format": format, "project_id": project_id}
        record("export.started", targets=[_target(export)], details=details)
        return export


def cancel(export_id: str) -> Export:
    """Cancel an export that is running; one that was cancelled stays so. Raises NotFound, Forbidden and Conflict."""
    notice_completed()
    with transaction():
        export = _own(export_id)
        if export.completed_at is not None:
            raise Conflict(f"{export_id} is {export.status}; there is nothing to cancel.", id=export_id)
        if export.cancelled_at is None:
            export.cancelled_at = now()
            record("export.cancelled", targets=[_target(export)])
        return export


def download(export_id: str) -> tuple[str, bytes]:
    """Give name and content of an export, as whoever asked for it may see it now, and record that it was downloaded.

    Raises NotFound, Forbidden, and Conflict for one that is not complete, or is no longer kept.
    """
    notice_completed()
    with transaction():
        export = _own(export_id)
        _check_permitted(export.kind)
        if export.status != "completed":
            raise Conflict(f"{export_id} is {export.status}; only a completed export has content.", id=export_id)
        with acting_as(_requester(export)):
            content = content_of(SOURCES[export.kind], export.project_id, export.format)
        record("export.downloaded", targets=[_target(export)], details={"kind": export.kind, "bytes": len(content)})
        return f"{export.name}.{export.format}", content


def notice_completed() -> None:
    """Complete every export of the tenant whose time has come."""
    due = (Export.ready_at <= now(), Export.completed_at.is_(None), Export.cancelled_at.is_(None))
    if db.session.scalars(select(Export.id).where(*due).limit(1)).first() is None:
        return
    with transaction() as session:
        chosen = select(Export).where(*due).order_by(Export.ready_at).with_for_update()
        for export in session.scalars(chosen).all():
            requester = _requester(export)
            with acting_as(requester):
                export.rows = SOURCES[export.kind].count(export.project_id)
            export.completed_at = export.ready_at
            record(
                "export.completed",
                targets=[_target(export)],
                details={"format": export.format, "rows": export.rows},
                actor=requester,
                occurred_at=export.ready_at,
            )


def _check_permitted(kind: str) -> None:
    """Make sure that the actor may export at all, and read what is exported: IPY-SaaS-01 of the CSA's SSCF."""
    me, source, mandate = standing(), SOURCES[kind], current_actor().mandate
    if not me.acts_on_all and configuration.find(SETTING).value is not True:
        detail = f"Only administrators export in bulk. The setting {SETTING} says so."
        refuse(detail, reason="forbidden_by_setting", setting=SETTING, kind=kind)
    if (mandate is not None and source.scope not in mandate.scopes) or (source.for_all and not me.sees_all):
        refuse(f"Exporting {kind} needs the scope {source.scope} too, and a role that allows it.", kind=kind)


def _check_project(kind: str, project_id: str) -> None:
    known = db.session.scalars(projects.search().where(Project.id == project_id)).one_or_none()
    if kind != "files" or known is None:
        detail = f"there is no project {project_id}" if kind == "files" else "only files belong to projects"
        raise InvalidRequest("Name a project of files.", errors=[{"pointer": "/project_id", "detail": detail}])


def _known(export_id: str) -> Export:
    missing = f"There is no export {export_id}."
    if (export := db.session.get(Export, (current_tenant_id(), export_id))) is None:
        raise NotFound(missing, id=export_id)
    if db.session.scalar(select(Export.id).where(Export.id == export_id, _visible())) is None:
        conceal(missing, _target(export))
    return export


def _own(export_id: str) -> Export:
    """Find an export that the actor may use, and queue behind whoever uses it at this moment."""
    export, me = _known(export_id), standing()
    if not me.acts_on_all and export.user_id != me.user_id:
        refuse("Only whoever asked for an export and administrators use it.", _target(export))
    return db.session.get(Export, (current_tenant_id(), export_id), with_for_update=True) or export


def _visible() -> ColumnElement[bool]:
    me: Standing = standing()
    mine = true() if me.sees_all else Export.user_id == me.user_id
    if (bounds := reach("read", "files")) is None:
        return mine
    within = Export.project_id.is_not(None) if bounds.everywhere else Export.project_id.in_(sorted(bounds.ids))
    return and_(mine, within)


def _requester(export: Export) -> Actor:
    return Actor(Party(**export.requested_by))


def _target(export: Export) -> Target:
    return ("export", export.id, export.name)


def _has_status(status: str) -> ColumnElement[bool]:
    if status == "cancelled":
        return Export.cancelled_at.is_not(None)
    if status == "running":
        return and_(Export.cancelled_at.is_(None), Export.completed_at.is_(None))
    kept = Export.expires_at > now() if status == "completed" else Export.expires_at <= now()
    return and_(Export.completed_at.is_not(None), kept)


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "kind": lambda kind: Export.kind == kind,
    "status": _has_status,
    "user_id": lambda user_id: Export.user_id == user_id,
}
