"""The views of bulk exports."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict, Forbidden
from sandbox.http.attachment import Attachment, downloads
from sandbox.http.contract import accepts, may_raise, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.resources.exports import service
from sandbox.resources.exports.model import Export
from sandbox.resources.exports.schema import ExportFilters, ExportSchema, NewExportSchema

blueprint = Blueprint("exports", __name__, url_prefix="/v1/exports")


@blueprint.get("")
@requires("exports:read")
@returns(ExportSchema())
@paginates(ExportFilters())
def list_exports(**filters: Any) -> Pageable:
    """List bulk exports. People see those that they asked for, administrators and auditors all."""
    return Keyset(service.search(**filters), Export.id)


@blueprint.get("/<export_id>")
@requires("exports:read")
@returns(ExportSchema(), conditional=True)
def read_export(export_id: str) -> Export:
    """Read one bulk export: ask again until its `status` is no longer `running`."""
    return service.find(export_id)


@blueprint.post("")
@requires("exports:write")
@idempotent
@may_raise(Forbidden)
@returns(ExportSchema(), status=202)
@accepts(NewExportSchema())
def start_export(**given: Any) -> Export:
    """Begin a bulk export, which takes about a minute of business time.

    Reading what is exported needs its own scope too: `users:read`, `audit:read` or `files:read`. People who are not
    administrators get 403 unless the setting `data.bulk_export.non_admin` lets them.
    """
    return service.start(**given)


@blueprint.post("/<export_id>/cancel")
@requires("exports:write")
@idempotent
@may_raise(Conflict, Forbidden)
@returns(ExportSchema())
def cancel_export(export_id: str) -> Export:
    """Cancel a bulk export that is running."""
    return service.cancel(export_id)


@blueprint.get("/<export_id>/download")
@requires("exports:write")
@may_raise(Conflict, Forbidden)
@downloads
def download_export(export_id: str) -> Attachment:
    """Download a completed export: CSV or JSON lines, at most 5,000 rows, as new as the moment of the download."""
    return Attachment(*service.download(export_id))
