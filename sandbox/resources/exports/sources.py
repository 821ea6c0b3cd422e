"""What can be exported in bulk, and as what. The one extra file of this resource.

Each source reads with the eyes of the present actor. Content is made when it is downloaded and is as new as that moment, at
most `MOST_ROWS` of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import func, select

from sandbox.foundation.clock import to_wire
from sandbox.foundation.database import db
from sandbox.http.pagination.style import Place
from sandbox.resources.audit_events import service as audit
from sandbox.resources.audit_events.storage import read_head
from sandbox.resources.files import service as files
from sandbox.resources.files.model import File
from sandbox.resources.users import service as users
from sandbox.resources.users.model import User

MOST_ROWS: Final = 5000
FORMATS: Final = ("csv", "jsonl")
_PAGE: Final = 1000
_USER = ("id", "email", "name", "status", "type", "is_external", "department", "title", "created_at", "last_login_at")
_FILE = ("id", "name", "folder", "project_id", "owner_id", "size", "type", "created_at", "updated_at")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to export: its name for people, the scope that reading it needs, and how it is counted and read.

    Both functions are told the project, None for everything; `for_all` marks what only those read who see everything.
    """

    name: str
    scope: str
    count: Callable[[str | None], int]
    read: Callable[[str | None], Iterator[Row]]
    for_all: bool = False


def content_of(source: Source, project_id: str | None, file_format: str) -> bytes:
    """Write what a source gives."""
    rows = source.read(project_id)
    if file_format == "jsonl":
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    return _csv(rows)


def _csv(rows: Iterable[Row]) -> bytes:
    """Write CSV with a header (RFC 4180); a text that a spreadsheet would take for a formula gets a quote before it."""
    text, writer = io.StringIO(), None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, list(row))
            writer.writeheader()
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue().encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _count_users(_: str | None) -> int:
    return min(MOST_ROWS, db.session.scalar(select(func.count()).select_from(users.search().subquery())) or 0)


def _read_users(_: str | None) -> Iterator[Row]:
    for user in db.session.scalars(users.search().order_by(User.id).limit(MOST_ROWS)):
        yield _row(user, _USER)


def _count_files(project_id: str | None) -> int:
    found = _files(project_id).with_only_columns(File.id).subquery()
    return min(MOST_ROWS, db.session.scalar(select(func.count()).select_from(found)) or 0)


def _read_files(project_id: str | None) -> Iterator[Row]:
    for file in db.session.scalars(_files(project_id).order_by(File.id).limit(MOST_ROWS)):
        yield _row(file, _FILE)


def _files(project_id: str | None) -> Any:
    return files.search(project_id=project_id) if project_id else files.search()


def _count_events(_: str | None) -> int:
    return min(MOST_ROWS, read_head().sequence)


def _read_events(_: str | None) -> Iterator[Row]:
    """The newest first."""
    feed, after, has_more = audit.search(order="desc"), None, True
    for _page in range(MOST_ROWS // _PAGE):
        if not has_more:
            return
        page = feed.turn(Place(_PAGE, after, {}))
        after, has_more = page.last, page.has_more
        yield from map(_flat, page.items)


def _flat(body: bytes) -> Row:
    event = orjson.loads(body)
    return {
        "id": event["id"],
        "occurred_at": event["occurred_at"],
        "action": event["action"],
        "outcome": event["outcome"]["result"],
        "actor_id": event["actor"]["id"],
        "actor_email": event["actor"]["email"],
        "ip": event["source"]["ip"],
        "targets": " ".join(str(target["id"]) for target in event["targets"]),
    }


def _row(thing: object, names: tuple[str, ...]) -> Row:
    values = {name: getattr(thing, name) for name in names}
    return {name: to_wire(value) if isinstance(value, datetime) else value for name, value in values.items()}


SOURCES: Final[dict[str, Source]] = {
    "users": Source("User directory", "users:read", _count_users, _read_users),
    "audit_events": Source("Audit log", "audit:read", _count_events, _read_events, for_all=True),
    "files": Source("Project archive", "files:read", _count_files, _read_files),
}
