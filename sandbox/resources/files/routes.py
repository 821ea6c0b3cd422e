"""The views of files and their shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict, Forbidden
from sandbox.http.attachment import Attachment, downloads
from sandbox.http.contract import NoFilters, accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.files import service, shares
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.files.schema import (
    EndedShareSchema,
    FileChangeSchema,
    FileFilters,
    FileSchema,
    NewFileSchema,
    NewShareSchema,
    ShareSchema,
)
from sandbox.resources.files.service import FileView

blueprint = Blueprint("files", __name__, url_prefix="/v1/files")


@blueprint.get("")
@requires("files:read")
@returns(FileSchema())
@paginates(FileFilters())
def list_files(**filters: Any) -> Pageable:
    """List files.

    People see their own, those of projects that they find, and those that are shared with them; administrators and
    auditors see all.
    """
    return Keyset(service.search(**filters), File.id, service.present)


@blueprint.get("/<file_id>")
@requires("files:read")
@returns(FileSchema(), conditional=True)
def read_file(file_id: str) -> FileView:
    """Read what is known about one file. Its ETag is what a change must name."""
    return service.present([service.find(file_id)])[0]


@blueprint.post("")
@requires("files:write")
@idempotent
@may_raise(Conflict, Forbidden)
@returns(FileSchema(), status=201)
@accepts(NewFileSchema())
def upload_file(**given: Any) -> FileView:
    """Keep a new file. Only what is told about its content is kept, not the content itself."""
    return service.present([service.upload(**given)])[0]


@blueprint.patch("/<file_id>")
@requires("files:write")
@may_raise(Conflict, Forbidden)
@returns(FileSchema(), conditional=True)
@if_match(FileSchema())
@accepts(FileChangeSchema())
def update_file(file_id: str, *, expecting: Callable[[FileView], None], **given: Any) -> FileView:
    """Rename, move or label a file. Fields that are not given stay.

    Send the ETag that you read in `If-Match`: 428 without it, 412 if somebody changed the file since.
    """
    return service.present([service.update(file_id, expecting=expecting, **given)])[0]


@blueprint.get("/<file_id>/download")
@requires("files:read")
@may_raise(Conflict)
@downloads
def download_file(file_id: str) -> Attachment:
    """Download a file. The content is made up: a line that says which file it stands for."""
    return Attachment(*service.download(file_id))


@blueprint.delete("/<file_id>")
@requires("files:write")
@may_raise(Conflict, Forbidden)
@no_content
def delete_file(file_id: str) -> None:
    """Put a file into the trash; `restore` takes it out again."""
    service.delete(file_id)


@blueprint.post("/<file_id>/restore")
@requires("files:write")
@idempotent
@may_raise(Conflict, Forbidden)
@returns(FileSchema())
def restore_file(file_id: str) -> FileView:
    """Take a file out of the trash, shared as it was."""
    return service.present([service.restore(file_id)])[0]


@blueprint.get("/<file_id>/shares")
@requires("files:read")
@returns(ShareSchema())
@paginates(NoFilters())
def list_file_shares(file_id: str) -> Pageable:
    """List with whom a file is shared, and until when; expired shares stay until somebody ends them."""
    return Keyset(shares.of_file(file_id), FileShare.id, shares.present)


@blueprint.post("/<file_id>/share")
@requires("files:write")
@idempotent
@may_raise(Conflict, Forbidden)
@returns(ShareSchema(), status=201)
@accepts(NewShareSchema())
def share_file(file_id: str, **given: Any) -> shares.ShareView:
    """Share a file with a mailbox, with the organization, or by a link with anyone.

    The settings below `data.` say who may be reached, and for how long a public link lasts; what they forbid is 403.
    Sharing with the same once more changes nothing but the end.
    """
    return shares.present([shares.share(file_id, **given)])[0]


@blueprint.post("/<file_id>/unshare")
@requires("files:write")
@idempotent
@may_raise(Conflict, Forbidden)
@returns(FileSchema())
@accepts(EndedShareSchema())
def unshare_file(file_id: str, **chosen: Any) -> FileView:
    """End shares of a file: one, those of a scope, or all. Links die at once."""
    return service.present([shares.unshare(file_id, **chosen)])[0]
