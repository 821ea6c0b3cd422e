"""The views of log streams: only what is known of them, nothing is sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.access.protect import requires
from sandbox.foundation.problems import Conflict
from sandbox.http.contract import accepts, may_raise, no_content, returns
from sandbox.http.idempotency import idempotent
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.paginates import paginates
from sandbox.http.pagination.style import Pageable
from sandbox.http.precondition import if_match
from sandbox.resources.log_streams import service
from sandbox.resources.log_streams.model import LogStream
from sandbox.resources.log_streams.schema import (
    LogStreamChangeSchema,
    LogStreamFilters,
    LogStreamSchema,
    NewLogStreamSchema,
)

blueprint = Blueprint("log_streams", __name__, url_prefix="/v1/log-streams")


@blueprint.get("")
@requires("configuration:read")
@returns(LogStreamSchema())
@paginates(LogStreamFilters())
def list_log_streams(**filters: Any) -> Pageable:
    """List log streams."""
    return Keyset(service.search(**filters), LogStream.id)


@blueprint.get("/<stream_id>")
@requires("configuration:read")
@returns(LogStreamSchema(), conditional=True)
def read_log_stream(stream_id: str) -> LogStream:
    """Read one log stream."""
    return service.find(stream_id)


@blueprint.post("")
@requires("configuration:write")
@idempotent
@may_raise(Conflict)
@returns(LogStreamSchema(), status=201)
@accepts(NewLogStreamSchema())
def create_log_stream(**given: Any) -> LogStream:
    """Add a log stream. A name that another one has is refused with 409."""
    return service.create(**given)


@blueprint.patch("/<stream_id>")
@requires("configuration:write")
@may_raise(Conflict)
@returns(LogStreamSchema(), conditional=True)
@if_match(LogStreamSchema())
@accepts(LogStreamChangeSchema())
def update_log_stream(stream_id: str, **given: Any) -> LogStream:
    """Change a log stream. Fields that are not given stay; send the ETag that you read in `If-Match`."""
    return service.update(stream_id, **given)


@blueprint.delete("/<stream_id>")
@requires("configuration:write")
@no_content
def delete_log_stream(stream_id: str) -> None:
    """Delete a log stream."""
    service.delete(stream_id)
