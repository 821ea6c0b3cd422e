"""The records of an earlier sync, mapped once more: to try a mapping out, or to have every event judged in full.

Reads `raw/<stream>.jsonl` of an output folder and leaves that folder as it is; the events go elsewhere, or nowhere.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from reference_connector.errors import FixManifest
from reference_connector.manifest.model import Manifest
from reference_connector.normalize.mapper import Mapper, compile_mapping
from reference_connector.normalize.validate import InvalidEvent, validate

RAW = "raw"

_MOST_REASONS = 20


@dataclass(slots=True)
class Replay:
    """What became of the records: events by class, and the reasons of those that became none."""

    records: int = 0
    unmapped: int = 0
    seconds: float = 0.0
    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def invalid(self) -> int:
        return self.reasons.total()

    def summary(self) -> dict[str, Any]:
        """Return the numbers for the terminal."""
        return {
            "records": self.records,
            "events": self.events.total(),
            "unmapped": self.unmapped,
            "invalid": self.invalid,
            "seconds": round(self.seconds, 2),
        }


def replay(manifest: Manifest, out: Path, to: Path | None = None, *, is_full: bool = False) -> Replay:
    """Map all records below `out`; write the events as `<class>.jsonl` below `to`, if given.

    With `is_full` each event is judged by all that OCSF demands.
    """
    streams = [mapping.stream for mapping in manifest.normalization.mappings] if manifest.normalization else []
    files = {stream: out / RAW / f"{stream}.jsonl" for stream in streams}
    if not any(file.is_file() for file in files.values()):
        raise FixManifest(
            f"{out} holds no raw records of a stream with a mapping",
            code="nothing-to-normalize",
            remedy="name the output folder of a sync that wrote JSON lines (--sink jsonl)",
        )
    result, started = Replay(), time.perf_counter()
    with ExitStack() as opened:
        events = _Events(to, opened)
        for stream, file in files.items():
            mapper = compile_mapping(manifest, stream)
            if mapper is not None and file.is_file():
                _replay_stream(mapper, file, events, result, is_full=is_full)
    result.seconds = time.perf_counter() - started
    return result


class _Events:
    """The files of events, one a class, opened when the first event comes."""

    def __init__(self, folder: Path | None, opened: ExitStack) -> None:
        self._folder = folder
        self._opened = opened
        self._files: dict[str, BinaryIO] = {}

    def write(self, stem: str, line: bytes) -> None:
        if self._folder is None:
            return
        if stem not in self._files:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._files[stem] = self._opened.enter_context((self._folder / f"{stem}.jsonl").open("wb"))
        self._files[stem].write(line + b"\n")


def _replay_stream(mapper: Mapper, file: Path, events: _Events, result: Replay, *, is_full: bool) -> None:
    for line in _lines(file):
        result.records += 1
        try:
            mapped = mapper(_decoded(line), line)
        except InvalidEvent as invalid:
            _note(result, invalid)
            continue
        if mapped is None:
            result.unmapped += 1
            continue
        stem, event = mapped
        wrong = validate(orjson.loads(event)) if is_full else []
        if wrong:
            _note(result, wrong[0])
            continue
        result.events[stem] += 1
        events.write(stem, event)


def _note(result: Replay, invalid: InvalidEvent) -> None:
    reason = str(invalid)
    # A reason may quote the record; a flood of different ones must not fill the memory.
    is_new = reason not in result.reasons and len(result.reasons) >= _MOST_REASONS
    result.reasons[f"{invalid.path}: other reasons" if is_new else reason] += 1


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        for line in lines:
            stripped = line.rstrip(b"\n")
            if stripped:
                yield stripped


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        # A sync keeps what it does not read as the vendor wrote it, be it a number that is too large for anybody.
        raise InvalidEvent("record", f"cannot be decoded: {error.msg}") from error
    return record
