"""What a run leaves for the next one, in `state.sqlite`: checkpoints, key blocks, file lengths, pending renames.

One connection holds the file exclusively for the whole run. Everything of a page is one transaction. Checkpoints are
appended with a version that must follow the one that was read (compare-and-set); the last versions are kept, so the
history of a stream can be looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from reference_connector.clock import rfc3339, wall_now
from reference_connector.errors import FixManifest, TryLater
from reference_connector.manifest.datetimes import CursorValue
from reference_connector.sinks.sink import CommittedFile, Rename, Sealed
from reference_connector.sync.dedupe import KeyBlock
from reference_connector.sync.window import Window

FILE_NAME = "state.sqlite"
HISTORY = 20

_TABLES = (
    "CREATE TABLE IF NOT EXISTS identity (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS checkpoints (stream TEXT, version INTEGER, saved_at TEXT NOT NULL, state TEXT NOT NULL, "
    "PRIMARY KEY (stream, version)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS key_blocks (stream TEXT, number INTEGER, highest, keys BLOB NOT NULL, "
    "PRIMARY KEY (stream, number)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, length INTEGER NOT NULL, owner TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS renames (aside TEXT PRIMARY KEY, final TEXT NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a stream stands.

    `window` is open while it is being read; `token` asks for its next page and belongs to it and to `query_hash`.
    `newest` is the newest stamp of the open window, `watermark` that of the closed ones, which end at `closed_until`.
    Keys of records older than `forgotten_before` are no longer remembered.
    """

    version: int = 0
    query_hash: str = ""
    window: Window | None = None
    token: str | None = None
    newest: CursorValue | None = None
    watermark: CursorValue | None = None
    closed_until: CursorValue | None = None
    forgotten_before: CursorValue | None = None
    total: int = 0
    quarantined: int = 0


class CheckpointStore(Protocol):
    """Remembers between runs."""

    def load(self, stream: str) -> Checkpoint:
        """Return the latest checkpoint of a stream, an empty one if there is none."""
        ...

    def save(self, stream: str, checkpoint: Checkpoint) -> Checkpoint:
        """Append the successor of `checkpoint.version` and return it."""
        ...


class SqliteCheckpoints:
    """The store of a run's output folder."""

    def __init__(self, folder: Path) -> None:
        self.is_new = not (folder / FILE_NAME).exists()
        self.connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None, timeout=0.5)
        try:
            # In WAL mode without a sync per commit a power cut may lose the last commits, never half of one; files are
            # then cut back to the older lengths, so the two stay together.
            for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
                self.connection.execute(f"PRAGMA {pragma}")
            with self.transaction():
                for statement in _TABLES:
                    self.connection.execute(statement)
        except sqlite3.OperationalError as error:
            self.connection.close()
            raise _busy(folder) from error
        except sqlite3.DatabaseError as error:
            self.connection.close()
            raise _damaged(folder) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, or nothing of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            # A stop signal may arrive in the very moment of the commit; then there is nothing left to undo.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def identify(self, **expected: str) -> None:
        """Bind the folder to one vendor, address and sink; FixManifest if it belongs to another."""
        present = dict(self.connection.execute("SELECT name, value FROM identity").fetchall())
        for name, value in expected.items():
            if present.get(name, value) != value:
                raise FixManifest(
                    f"the output folder belongs to {name.replace('_', ' ')} {present[name]}, not {value}",
                    code="other-output",
                    remedy="give another --out for this source",
                )
        with self.transaction():
            self.connection.executemany("INSERT OR IGNORE INTO identity VALUES (?, ?)", expected.items())

    def load(self, stream: str) -> Checkpoint:
        """Return the latest checkpoint of a stream, an empty one if there is none."""
        row = self.connection.execute(
            "SELECT version, state FROM checkpoints WHERE stream = ? ORDER BY version DESC LIMIT 1", (stream,)
        ).fetchone()
        if row is None:
            return Checkpoint()
        state: dict[str, Any] = orjson.loads(row[1])
        state["window"] = Window(**state["window"]) if state["window"] else None
        return Checkpoint(version=row[0], **state)

    def save(self, stream: str, checkpoint: Checkpoint) -> Checkpoint:
        """Append the successor of `checkpoint.version` and return it; sqlite3.IntegrityError if there already is one."""
        state = asdict(checkpoint)
        version = state.pop("version") + 1
        row = (stream, version, rfc3339(wall_now()), orjson.dumps(state).decode())
        self.connection.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", row)
        self.connection.execute(
            "DELETE FROM checkpoints WHERE stream = ? AND version <= ?", (stream, version - HISTORY)
        )
        state["window"] = checkpoint.window
        return Checkpoint(version=version, **state)

    def blocks(self, stream: str) -> list[KeyBlock]:
        """Return the remembered keys of a stream, oldest first."""
        rows = self.connection.execute(
            "SELECT number, highest, keys FROM key_blocks WHERE stream = ? ORDER BY number", (stream,)
        )
        return [KeyBlock(number, highest, orjson.loads(keys)) for number, highest, keys in rows]

    def remember(self, stream: str, block: KeyBlock | None, forgotten: Iterable[int]) -> None:
        """Store a block of keys, and drop the blocks of these numbers."""
        if block is not None:
            row = (stream, block.number, block.highest, orjson.dumps(block.keys))
            self.connection.execute("INSERT INTO key_blocks VALUES (?, ?, ?, ?)", row)
        self.connection.executemany(
            "DELETE FROM key_blocks WHERE stream = ? AND number = ?", ((stream, number) for number in forgotten)
        )

    def files(self) -> dict[str, CommittedFile]:
        """Return the files of the folder as they were committed."""
        rows = self.connection.execute("SELECT path, length, owner FROM files")
        return {path: CommittedFile(length, owner) for path, length, owner in rows}

    def note_files(self, files: Mapping[str, CommittedFile]) -> None:
        """Record committed lengths."""
        rows = ((path, file.length, file.owner) for path, file in files.items())
        self.connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)

    def renames(self) -> Sequence[Rename]:
        """Return the renames that a commit promised and that may not have happened yet."""
        return [Rename(aside, final) for aside, final in self.connection.execute("SELECT aside, final FROM renames")]

    def note_sealed(self, sealed: Sealed) -> None:
        """Record a finished listing and promise its renames."""
        self.note_files(sealed.files)
        rows = ((rename.aside, rename.final) for rename in sealed.renames)
        self.connection.executemany("INSERT OR REPLACE INTO renames VALUES (?, ?)", rows)

    def renamed(self) -> None:
        """Forget the promised renames: they are done."""
        self.connection.execute("DELETE FROM renames")

    def close(self) -> None:
        """Close the file, and with it the claim to the folder."""
        self.connection.close()


def _busy(folder: Path) -> TryLater:
    return TryLater(
        f"{folder / FILE_NAME} is in use by another run",
        code="output-busy",
        remedy="wait for it, or give another --out",
    )


def _damaged(folder: Path) -> FixManifest:
    return FixManifest(
        f"{folder / FILE_NAME} is not a state file of the connector", code="output-damaged", remedy="give another --out"
    )
