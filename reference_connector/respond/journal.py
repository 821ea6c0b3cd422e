"""`actions.jsonl`: every action that was sent, appended before it is sent and again when its outcome is known.

The last line of an id is its state. A line that a crash cut off was never written: it has no line end, readers leave
it out and the next writer removes it. One writer at a time holds the file's lock, so two commands started at once
cannot both use up the same blast radius.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Literal

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from reference_connector.clock import rfc3339
from reference_connector.errors import FixManifest, TryLater

FILE_NAME = "actions.jsonl"

# sent: the outcome is not known (yet). verified: the read-back shows the effect. unproven: accepted by the vendor, but
# the read-back does not show it. refused: the vendor said no, nothing was changed.
Status = Literal["sent", "verified", "unproven", "refused"]
STATUSES: tuple[Status, ...] = ("sent", "verified", "unproven", "refused")


@dataclass(frozen=True, slots=True)
class TargetRef:
    type: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SentRequest:
    method: str
    url: str
    idempotency_key: str
    json: Any


@dataclass(frozen=True, slots=True)
class VendorAnswer:
    """`record_id` is the vendor's own id of the action, if it gives one."""

    status: int
    record_id: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the read-back of `url` showed at `field_path`; `observed` is None before anything was read back."""

    url: str
    field_path: str
    before: Any
    expected: Any
    observed: Any
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One action and what became of it. `undo` names the inverse action; `undo_of` is the id of what this one undoes."""

    id: str
    at: datetime
    status: Status
    action: str
    title: str
    target: TargetRef
    reason: str
    base_url: str
    undo: str | None
    undo_of: str | None
    request: SentRequest
    answer: VendorAnswer | None
    proof: Proof
    note: str | None = None


def read_journal(path: Path) -> tuple[ActionRecord, ...]:
    """Return the state of every action, oldest first; nothing if there is no file. FixManifest for a broken line."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    records: dict[str, ActionRecord] = {}
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        record = _parse(path, number, line)
        records[record.id] = record
    return tuple(records.values())


class Journal:
    """The journal while it may be written; made by `open_journal`."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._records = {record.id: record for record in read_journal(path)}

    @property
    def records(self) -> tuple[ActionRecord, ...]:
        return tuple(self._records.values())

    def append(self, record: ActionRecord) -> None:
        """Write a record, or the new state of one, and wait until it is on the disk."""
        self._file.write(orjson.dumps(asdict(record), default=rfc3339, option=_FORM))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._records[record.id] = record


@contextmanager
def open_journal(out: Path) -> Iterator[Journal]:
    """Yield the journal of an output folder, locked; TryLater if another command holds it."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / FILE_NAME
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TryLater(
                f"another command is responding with {path}",
                code="journal-locked",
                remedy="run again when it has ended",
            ) from error
        _cut_torn_line(path, file)
        yield Journal(file, path)


def targets_lately(
    records: tuple[ActionRecord, ...], action: str, *, now: datetime, within: timedelta
) -> frozenset[str]:
    """Return the ids of the targets that an action was sent to in the time before `now`; undoing does not count."""
    return frozenset(
        record.target.id
        for record in records
        if record.action == action
        and record.undo_of is None
        and record.status != "refused"
        and now - record.at < within
    )


class _Record(Schema):
    class Meta:
        unknown = EXCLUDE


class _TargetSchema(_Record):
    type = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> TargetRef:
        return TargetRef(**data)


class _RequestSchema(_Record):
    method = fields.String(required=True)
    url = fields.String(required=True)
    idempotency_key = fields.String(required=True)
    json = fields.Raw(required=True, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> SentRequest:
        return SentRequest(**data)


class _AnswerSchema(_Record):
    status = fields.Integer(strict=True, required=True)
    record_id = fields.String(required=True, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> VendorAnswer:
        return VendorAnswer(**data)


class _ProofSchema(_Record):
    url = fields.String(required=True)
    field_path = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    expected = fields.Raw(required=True, allow_none=True)
    observed = fields.Raw(required=True, allow_none=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Proof:
        return Proof(**data)


class _ActionRecordSchema(_Record):
    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    action = fields.String(required=True)
    title = fields.String(required=True)
    target = fields.Nested(_TargetSchema, required=True)
    reason = fields.String(required=True)
    base_url = fields.String(required=True)
    undo = fields.String(required=True, allow_none=True)
    undo_of = fields.String(required=True, allow_none=True)
    request = fields.Nested(_RequestSchema, required=True)
    answer = fields.Nested(_AnswerSchema, required=True, allow_none=True)
    proof = fields.Nested(_ProofSchema, required=True)
    note = fields.String(load_default=None, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> ActionRecord:
        return ActionRecord(**data)


_SCHEMA = _ActionRecordSchema()
_FORM = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE


def _parse(path: Path, number: int, line: bytes) -> ActionRecord:
    try:
        record = _SCHEMA.load(orjson.loads(line))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise FixManifest(
            f"{path}:{number} is not an action record: {error}",
            code="broken-journal",
            remedy="restore the file, or move it away: without it nothing can be undone and no limit is known",
        ) from error
    assert isinstance(record, ActionRecord)
    return record


def _cut_torn_line(path: Path, file: IO[bytes]) -> None:
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        file.truncate(content.rfind(b"\n") + 1)
