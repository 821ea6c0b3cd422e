"""What people keep and set up: projects, files, forwarding rules, bulk exports. Records of `Dataset`."""

from dataclasses import dataclass
from datetime import datetime

from seed.event import Actor


@dataclass(frozen=True, slots=True)
class Project:
    """A place for files: `visibility` is private or organization."""

    id: str
    name: str
    description: str
    owner_id: str
    visibility: str
    member_ids: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Share:
    """One way in which a file is shared: `scope` is people, organization or anyone; `reach` how far that is."""

    id: str
    scope: str
    recipient: str | None
    reach: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class File:
    """A file at the end of the history; one with `deleted_at` is in the trash. `size` is in bytes."""

    id: str
    name: str
    folder: str
    project_id: str | None
    owner_id: str
    size: int
    type: str
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class ForwardingRule:
    """What of a person's is sent on to another address: notifications, documents or everything."""

    id: str
    user_id: str
    address: str
    content: str
    is_external: bool
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Export:
    """A bulk export that the log tells of: `kind` is users, audit_events or files."""

    id: str
    name: str
    kind: str
    format: str
    requested_by: Actor
    created_at: datetime
    completed_at: datetime
    expires_at: datetime
    rows: int


FileRow = tuple[str, str, str, str | None, str, int, str, str, int, int, int | None]
"""A file to store, in the order of `File` without its shares: times in milliseconds, each label with blanks around it."""

ShareRow = tuple[str, str, str, str | None, str, int, str, int | None]
"""A share to store: its id, its file's id, then as `Share`."""
