"""What a run tells: the health of every stream, and `run.json`, which the later steps add themselves to.

A stream is `complete`, `partial` (something is missing or doubtful, and the next run continues) or `failed` (nothing
new can be used); the last two always come with a cause and a fix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from reference_connector.clock import rfc3339
from reference_connector.errors import ConnectorError, FixAccess, FixManifest, Stopped, TryLater
from reference_connector.manifest.model import Manifest

FILE_NAME = "run.json"
Health = Literal["complete", "partial", "failed"]


@dataclass(slots=True)
class StreamOutcome:
    """The account of one stream; `new` counts this run's records, `total` all that `raw/` holds."""

    mode: Literal["full_refresh", "incremental"]
    health: Health = "complete"
    code: str | None = None
    cause: str | None = None
    fix: str | None = None
    new: int = 0
    total: int = 0
    duplicates: int = 0
    quarantined: int = 0
    unmapped: int = 0
    pages: int = 0
    requests: int = 0
    retries: int = 0
    bytes: int = 0
    seconds: float = 0.0
    window: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)

    def degrade(self, code: str, cause: str, fix: str) -> None:
        """Mark as partial with the first reason; a failure stays a failure."""
        if self.health == "complete":
            self.health, self.code, self.cause, self.fix = "partial", code, cause, fix

    def note(self, warning: str) -> None:
        """Keep a remark that does not change the health."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def fail(self, error: ConnectorError, *, has_progress: bool) -> None:
        """Take over an error's cause and fix."""
        self.health = "partial" if has_progress else "failed"
        self.code, self.cause, self.fix = error.code, error.message, error.remedy


@dataclass(slots=True)
class RunOutcome:
    """The account of one sync; `error` is what the command should end with, if anything.

    `server_time` is what time it was for the vendor, by its last answer.
    """

    manifest: Manifest
    base_url: str
    run_id: str
    started_at: datetime
    streams: dict[str, StreamOutcome] = field(default_factory=dict)
    errors: list[ConnectorError] = field(default_factory=list)
    finished_at: datetime | None = None
    server_time: datetime | None = None
    requests: int = 0
    retries: int = 0
    bytes: int = 0

    @property
    def outcome(self) -> Health:
        healths = {stream.health for stream in self.streams.values()}
        if healths <= {"complete"} and not self.errors:
            return "complete"
        return "failed" if healths <= {"failed"} else "partial"

    @property
    def error(self) -> ConnectorError | None:
        """Return the error that decides the exit code: the one that most needs a person."""
        order: tuple[type[ConnectorError], ...] = (Stopped, FixAccess, FixManifest, TryLater)
        found = min(self.errors, key=lambda error: order.index(type(error)), default=None)
        return found or self._doubt

    @property
    def _doubt(self) -> ConnectorError | None:
        """Return what keeps a run from being complete although nothing failed: records in quarantine, shifted pages."""
        doubtful = next((stream for stream in self.streams.values() if stream.health != "complete"), None)
        if doubtful is None or doubtful.cause is None:
            return None
        return TryLater(doubtful.cause, code=doubtful.code or "partial", remedy=doubtful.fix or "run again later")

    def summary(self) -> dict[str, Any]:
        """Return the content of run.json, without steps."""
        finished = self.finished_at or self.started_at
        metadata = self.manifest.metadata
        return {
            "connector": {"name": metadata.name, "version": metadata.version, "manifest_sha256": self.manifest.sha256},
            "vendor": metadata.vendor,
            "base_url": self.base_url,
            "run_id": self.run_id,
            "started_at": rfc3339(self.started_at),
            "finished_at": rfc3339(finished),
            "server_time": rfc3339(self.server_time) if self.server_time else None,
            "seconds": round((finished - self.started_at).total_seconds(), 3),
            "outcome": self.outcome,
            "streams": {name: asdict(stream) for name, stream in self.streams.items()},
            "requests": self.requests,
            "retries": self.retries,
            "bytes": self.bytes,
        }

    def write(self, folder: Path) -> None:
        """Write run.json with the sync as its first step."""
        step = {"name": "sync", "seconds": self.summary()["seconds"], "outcome": self.outcome}
        _write(folder, {**self.summary(), "steps": [step]})


def add_step(folder: Path, name: str, *, seconds: float, outcome: str, summary: Mapping[str, Any]) -> None:
    """Add a later step to run.json, in the place of an earlier account of the same step."""
    path = folder / FILE_NAME
    run: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {"steps": []}
    steps = [step for step in run["steps"] if step["name"] != name]
    run["steps"] = [*steps, {"name": name, "seconds": round(seconds, 3), "outcome": outcome, **summary}]
    _write(folder, run)


def _write(folder: Path, content: Mapping[str, Any]) -> None:
    aside = folder / f"{FILE_NAME}.part"
    aside.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    aside.replace(folder / FILE_NAME)
