"""What a sink is: an append-only store that can be taken back to its last commit.

The engine's order for a page is `write`, `flush`, commit of the checkpoint with what `flush` returned. A sink outside
the checkpoint's transaction (files) reports committed lengths and cuts back to them; one inside it (SQLite) reports
nothing. A full listing is written between `replace` and `seal`, and shows only after `publish`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(slots=True)
class Batch:
    """The new records of one page. All lines are JSON without a newline.

    `raw[i]` is the record with key `keys[i]`; `events` are OCSF lines by file stem; `quarantined` are lines
    ``{"reason": …, "record": …}`` for records that have no place elsewhere.
    """

    stream: str
    keys: list[Any] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    events: dict[str, list[bytes]] = field(default_factory=dict)
    quarantined: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """A file of the output folder as the checkpoint knows it; `owner` is the stream that replaces it, or empty."""

    length: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """A finished file that waits to take its place; both paths are relative to the output folder."""

    aside: str
    final: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a full listing becomes when the transaction that records it is committed."""

    files: Mapping[str, CommittedFile] = field(default_factory=dict)
    renames: Sequence[Rename] = ()


class Sink(Protocol):
    """A place for records."""

    def open(self, files: Mapping[str, CommittedFile], renames: Sequence[Rename]) -> None:
        """Bring the store to its last commit: finish `renames`, cut files back. FixManifest if it was tampered with."""
        ...

    def write(self, batch: Batch) -> None:
        """Append a batch; not durable yet."""
        ...

    def flush(self) -> Mapping[str, CommittedFile]:
        """Make everything written durable and return the files that changed, as they are now."""
        ...

    def replace(self, stream: str) -> None:
        """Collect what follows for `stream` aside, to take the place of what it had."""
        ...

    def seal(self, stream: str) -> Sealed:
        """End the collection, durable but not visible yet."""
        ...

    def publish(self, sealed: Sealed) -> None:
        """Make a sealed collection visible, after the commit; harmless when repeated."""
        ...

    def rollback(self, files: Mapping[str, CommittedFile]) -> None:
        """Go back to the last commit, which is `files`; collections aside are forgotten."""
        ...

    def close(self) -> None:
        """Release everything; what was not committed is forgotten at the next `open`."""
        ...
