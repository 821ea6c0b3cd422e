"""run.json as the page shows it: what was read, when and from where, and the health of every stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from marshmallow import fields, post_load, validate

from reference_connector.report.sources import Known, count, load, read_document

Health = Literal["complete", "partial", "failed"]
HEALTHS: tuple[Health, ...] = ("complete", "partial", "failed")


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """What the sync says of one stream; `cause` and `fix` are set unless it is complete."""

    name: str
    mode: str
    health: Health
    cause: str | None
    fix: str | None
    new: int
    total: int
    duplicates: int
    quarantined: int
    unmapped: int
    requests: int
    retries: int
    seconds: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """run.json: what was read, when and from where."""

    connector_name: str
    connector_version: str
    manifest_sha256: str
    vendor: str
    base_url: str
    run_id: str
    started_at: datetime
    finished_at: datetime
    seconds: float
    outcome: Health
    requests: int
    retries: int
    bytes: int
    streams: tuple[StreamHealth, ...]

    @property
    def total(self) -> int:
        return sum(stream.total for stream in self.streams)

    @property
    def incomplete(self) -> tuple[StreamHealth, ...]:
        return tuple(stream for stream in self.streams if stream.health != "complete")


def read_run(path: Path) -> Run | None:
    """Read run.json."""
    document = read_document(path)
    # A later step may have been run alone: then there is a list of steps, but no account of a sync.
    if document is None or (isinstance(document, dict) and "run_id" not in document):
        return None
    run: Run = load(_RunSchema(), document, str(path))
    return run


class _StreamSchema(Known):
    mode = fields.String(required=True)
    health = fields.String(required=True, validate=validate.OneOf(HEALTHS))
    cause = fields.String(required=True, allow_none=True)
    fix = fields.String(required=True, allow_none=True)
    new = count()
    total = count()
    duplicates = count()
    quarantined = count()
    unmapped = count()
    requests = count()
    retries = count()
    seconds = fields.Float(required=True)
    warnings = fields.List(fields.String(), load_default=list)


class _ConnectorSchema(Known):
    name = fields.String(required=True)
    version = fields.String(required=True)
    manifest_sha256 = fields.String(required=True)


class _RunSchema(Known):
    connector = fields.Nested(_ConnectorSchema, required=True)
    vendor = fields.String(required=True)
    base_url = fields.String(required=True)
    run_id = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True)
    seconds = fields.Float(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(HEALTHS))
    requests = count()
    retries = count()
    bytes = count()
    streams = fields.Dict(fields.String(), fields.Nested(_StreamSchema), required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Run:
        connector, streams = data.pop("connector"), data.pop("streams")
        return Run(
            connector_name=connector["name"],
            connector_version=connector["version"],
            manifest_sha256=connector["manifest_sha256"],
            streams=tuple(
                StreamHealth(name=name, **{**stream, "warnings": tuple(stream["warnings"])})
                for name, stream in streams.items()
            ),
            **data,
        )
