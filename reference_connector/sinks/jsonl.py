"""Files with one JSON object a line: `raw/<stream>.jsonl`, `ocsf/<class>.jsonl`, `raw/<stream>.quarantine.jsonl`.

A file system has no transactions, so the checkpoint records how long each file was after fsync, and every start cuts
the files back to that. Full listings are written to `….part` beside the file and renamed when they are complete.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from reference_connector.errors import FixManifest
from reference_connector.sinks.sink import Batch, CommittedFile, Rename, Sealed

FOLDERS = ("raw", "ocsf")
ASIDE = ".part"

# Appends change nothing but content and length, and fdatasync writes both; it is not available everywhere.
_sync = getattr(os, "fdatasync", os.fsync)


class JsonlSink:
    """Appends whole pages with one write a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._committed: dict[str, CommittedFile] = {}
        self._handles: dict[str, int] = {}
        self._lengths: dict[str, int] = {}
        self._touched: set[str] = set()
        self._replacing = ""

    def open(self, files: Mapping[str, CommittedFile], renames: Sequence[Rename]) -> None:
        """Bring the folder to its last commit; FixManifest if a file is missing or shorter than committed."""
        for name in FOLDERS:
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._committed = dict(files)
        self.publish(Sealed(renames=renames))
        for path in self._found():
            name = path.relative_to(self._folder).as_posix()
            if name not in files:
                path.unlink()
        for name, file in files.items():
            self._cut(self._folder / name, file.length)

    def write(self, batch: Batch) -> None:
        """Append the batch to its files; one write each."""
        self._append(f"raw/{batch.stream}.jsonl", batch.raw, batch.stream)
        for stem, lines in batch.events.items():
            self._append(f"ocsf/{stem}.jsonl", lines, batch.stream)
        if batch.quarantined:
            self._append(f"raw/{batch.stream}.quarantine.jsonl", batch.quarantined, batch.stream)

    def flush(self) -> Mapping[str, CommittedFile]:
        """Sync the touched files and return their lengths."""
        changed = {}
        for name in sorted(self._touched):
            _sync(self._handles[name])
            changed[name] = CommittedFile(self._lengths[name])
        self._touched.clear()
        self._committed |= changed
        return changed

    def replace(self, stream: str) -> None:
        """Send what follows for `stream` to files beside the present ones."""
        self._replacing = stream
        self._append(f"raw/{stream}.jsonl", [], stream)

    def seal(self, stream: str) -> Sealed:
        """Sync the collected files; those the stream owned and did not fill again become empty."""
        stale = [name for name, file in self._committed.items() if file.owner == stream]
        for name in stale:
            self._open_file(name + ASIDE)
        asides = [name for name in self._handles if name.endswith(ASIDE)]
        files = {}
        for aside in asides:
            _sync(self._handles[aside])
            files[aside.removesuffix(ASIDE)] = CommittedFile(self._lengths[aside], owner=stream)
            self._release(aside)
        self._replacing = ""
        self._committed |= files
        return Sealed(files, [Rename(name + ASIDE, name) for name in files])

    def publish(self, sealed: Sealed) -> None:
        """Rename what is still aside; the folder is synced, so the names survive a power cut."""
        for rename in sealed.renames:
            aside = self._folder / rename.aside
            if aside.exists():
                aside.replace(self._folder / rename.final)
        if sealed.renames:
            for name in FOLDERS:
                _sync_folder(self._folder / name)

    def rollback(self, files: Mapping[str, CommittedFile]) -> None:
        """Cut what was appended since the commit that `files` describes, remove what was collected aside."""
        self._committed = dict(files)
        for name in list(self._handles):
            self._release(name)
            if name in files:
                self._cut(self._folder / name, files[name].length)
            else:
                (self._folder / name).unlink(missing_ok=True)
        self._replacing = ""

    def close(self) -> None:
        """Close the files."""
        for name in list(self._handles):
            self._release(name)

    def _append(self, name: str, lines: Sequence[bytes], stream: str) -> None:
        is_aside = self._replacing == stream
        owner = self._committed[name].owner if name in self._committed else stream if is_aside else ""
        if owner != (stream if is_aside else ""):
            raise FixManifest(
                f"{name} would be written by two streams, one of which replaces it in full",
                code="shared-output",
                remedy="map one of the streams to another OCSF class",
            )
        file = name + ASIDE if is_aside else name
        handle = self._open_file(file)
        if lines:
            content = b"\n".join([*lines, b""])
            _write_all(handle, content)
            self._lengths[file] += len(content)
            self._touched.add(file)

    def _open_file(self, name: str) -> int:
        if name not in self._handles:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if name.endswith(ASIDE) else 0)
            self._handles[name] = os.open(self._folder / name, flags, 0o644)
            self._lengths[name] = os.fstat(self._handles[name]).st_size
        return self._handles[name]

    def _release(self, name: str) -> None:
        os.close(self._handles.pop(name))
        self._lengths.pop(name, None)
        self._touched.discard(name)

    def _found(self) -> Iterable[Path]:
        for folder in FOLDERS:
            yield from (self._folder / folder).glob("*.jsonl")
            yield from (self._folder / folder).glob(f"*.jsonl{ASIDE}")

    def _cut(self, path: Path, length: int) -> None:
        present = path.stat().st_size if path.exists() else -1
        if present < length:
            raise FixManifest(
                f"{path} is {'missing' if present < 0 else 'shorter than the last run left it'}",
                code="output-damaged",
                remedy="give another --out, or remove the whole folder to read everything again",
            )
        if present > length:
            os.truncate(path, length)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
