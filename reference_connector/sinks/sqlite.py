"""Records as rows of the checkpoint's own database, so records and checkpoint are one transaction.

Tables `records(stream, record_key, record)`, `events(class, stream, event)` and `quarantine(stream, line)`, in the order
of arrival. When the sink is closed, the same files as of the JSONL sink are written from the tables, since later steps
and people read those.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reference_connector.sinks.sink import Batch, CommittedFile, Rename, Sealed

_TABLES = (
    "CREATE TABLE IF NOT EXISTS records (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, record_key NOT NULL, "
    "record TEXT NOT NULL, UNIQUE (stream, record_key))",
    "CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY, class TEXT NOT NULL, stream TEXT NOT NULL, "
    "event TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS quarantine (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, line TEXT NOT NULL)",
)


class SqliteSink:
    """Writes inside the transaction that the engine holds on the same connection."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder = folder
        self._database = connection
        self._streams: set[str] = set()

    def open(self, files: Mapping[str, CommittedFile], renames: Sequence[Rename]) -> None:
        """Make the tables; a transaction that was not committed left no trace."""
        for statement in _TABLES:
            self._database.execute(statement)

    def write(self, batch: Batch) -> None:
        """Insert the batch; a key that is already there is left alone, so a replay is harmless."""
        stream = batch.stream
        self._streams.add(stream)
        self._database.executemany(
            "INSERT INTO records (stream, record_key, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ((stream, key, line.decode()) for key, line in zip(batch.keys, batch.raw, strict=True)),
        )
        for stem, lines in batch.events.items():
            self._database.executemany(
                "INSERT INTO events (class, stream, event) VALUES (?, ?, ?)",
                ((stem, stream, line.decode()) for line in lines),
            )
        self._database.executemany(
            "INSERT INTO quarantine (stream, line) VALUES (?, ?)",
            ((stream, line.decode()) for line in batch.quarantined),
        )

    def flush(self) -> Mapping[str, CommittedFile]:
        """Return nothing: the rows are committed with the checkpoint."""
        return {}

    def replace(self, stream: str) -> None:
        """Delete the stream's rows inside the transaction; readers see them until it is committed."""
        self._streams.add(stream)
        for table in ("records", "events", "quarantine"):
            self._database.execute(f"DELETE FROM {table} WHERE stream = ?", (stream,))  # noqa: S608 - three fixed names

    def seal(self, stream: str) -> Sealed:
        """Return nothing to rename."""
        return Sealed()

    def publish(self, sealed: Sealed) -> None:
        """Do nothing: the commit made the rows visible."""

    def rollback(self, files: Mapping[str, CommittedFile]) -> None:
        """Do nothing: the transaction is rolled back by its owner."""

    def close(self) -> None:
        """Write the files that other steps read, each aside and then renamed; remove those without rows."""
        exports = {path: (query, argument) for path, query, argument in self._exports()}
        for folder in ("raw", "ocsf"):
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
            for path in (self._folder / folder).glob("*.jsonl"):
                if path not in exports:
                    path.unlink()
        for stream in self._streams:
            (self._folder / "raw" / f"{stream}.jsonl").touch()
        for path, (query, argument) in exports.items():
            aside = path.with_name(path.name + ".part")
            with aside.open("wb") as file:
                rows = self._database.execute(query, (argument,))
                file.writelines(line.encode() + b"\n" for (line,) in rows)
            aside.replace(path)

    def _exports(self) -> Iterator[tuple[Path, str, str]]:
        sources = (
            ("stream", "records", "record", "raw/{}.jsonl"),
            ("class", "events", "event", "ocsf/{}.jsonl"),
            ("stream", "quarantine", "line", "raw/{}.quarantine.jsonl"),
        )
        for group, table, column, pattern in sources:
            for (name,) in self._database.execute(f"SELECT DISTINCT {group} FROM {table}").fetchall():  # noqa: S608
                query = f"SELECT {column} FROM {table} WHERE {group} = ? ORDER BY position"  # noqa: S608
                yield self._folder / pattern.format(name), query, name
