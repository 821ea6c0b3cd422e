"""The rules of log streams: names are unique, and switching one off is told apart from any other change of it.

Who wants to stay unseen begins here, so `log_stream.disabled` has a name of its own in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events.service import Target, record
from sandbox.resources.log_streams.model import LogStream


def search(**filters: Any) -> Select[LogStream]:
    """Select log streams; `filters` are those of `LogStreamFilters`."""
    return select(LogStream).filter_by(**filters)


def find(stream_id: str) -> LogStream:
    """Find a log stream by id; raises NotFound."""
    if (stream := db.session.get(LogStream, (current_tenant_id(), stream_id))) is None:
        raise NotFound(f"There is no log stream {stream_id}.", id=stream_id)
    return stream


def create(**given: Any) -> LogStream:
    """Add a log stream; raises Conflict for a name in use."""
    with transaction() as session:
        stream = LogStream(**given)
        session.add(stream)
        _flush(stream)
        details = {"type": stream.type, "destination": stream.destination, "categories": stream.categories}
        record("log_stream.created", targets=[_target(stream)], details=details)
        return stream


def update(stream_id: str, *, expecting: Callable[[LogStream], None] = lambda _: None, **given: Any) -> LogStream:
    """Change a log stream, or switch it; what stays the same leaves no trace.

    `expecting` gets the present state and raises if it is another than the caller knows. Raises NotFound, Conflict.
    """
    with transaction():
        stream = _hold(stream_id)
        expecting(stream)
        changes = [
            (name, getattr(stream, name), value) for name, value in given.items() if getattr(stream, name) != value
        ]
        if changes:
            for name, _, value in changes:
                setattr(stream, name, value)
            stream.updated_at = now()
            _flush(stream)
            switched = any(name == "status" for name, _, _ in changes)
            action = _SWITCHED[stream.status] if switched else "log_stream.updated"
            record(action, targets=[_target(stream)], changes=changes)
        return stream


_SWITCHED = {"enabled": "log_stream.enabled", "disabled": "log_stream.disabled"}


def delete(stream_id: str) -> None:
    """Delete a log stream; raises NotFound."""
    with transaction() as session:
        stream = find(stream_id)
        session.delete(stream)
        record("log_stream.deleted", targets=[_target(stream)])


def _hold(stream_id: str) -> LogStream:
    """Find a log stream and queue behind whoever is changing it at this moment; raises NotFound."""
    return db.session.get(LogStream, (current_tenant_id(), stream_id), with_for_update=True) or find(stream_id)


def _flush(stream: LogStream) -> None:
    """Write now: the database itself decides whether the name is free."""
    name = stream.name  # A failed flush leaves nothing to read.
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict(
            f"There is a log stream called {name!r} already; choose another name.",
            errors=[{"pointer": "/name", "detail": "another log stream has this name"}],
        ) from None


def _target(stream: LogStream) -> Target:
    return ("log_stream", stream.id, stream.name)
