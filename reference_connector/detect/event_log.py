"""The events of a sync as a log that can be read once from front to back, and again at single places.

A position is one integer: the number of the file and the offset of the line. So a match keeps eight bytes instead of an
event, and the evidence is read again only for what becomes an alert.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from reference_connector.errors import FixManifest

FOLDER = "ocsf"

_OFFSET_BITS = 48
_OFFSET = (1 << _OFFSET_BITS) - 1


class EventLog:
    """`ocsf/<class>.jsonl` below the output folder; a context manager, since `read` keeps files open."""

    def __init__(self, out: Path) -> None:
        self._files = sorted((out / FOLDER).glob("*.jsonl"))
        self._open: dict[int, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()

    @property
    def classes(self) -> list[str]:
        """Return the OCSF classes there are events of, by their file names."""
        return [file.stem for file in self._files]

    def scan(self, ocsf_class: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (position, event) of every event of a class, in the order of the file."""
        number = self.classes.index(ocsf_class)
        position = number << _OFFSET_BITS
        loads = orjson.loads
        with self._files[number].open("rb") as lines:
            for line in lines:
                try:
                    event = loads(line)
                except orjson.JSONDecodeError as error:
                    raise self._damaged(number, position) from error
                yield position, event
                position += len(line)

    def read(self, position: int) -> dict[str, Any]:
        """Return the event at a position that `scan` yielded."""
        number = position >> _OFFSET_BITS
        if number not in self._open:
            self._open[number] = self._files[number].open("rb")
        self._open[number].seek(position & _OFFSET)
        event: dict[str, Any] = orjson.loads(self._open[number].readline())
        return event

    def _damaged(self, number: int, position: int) -> FixManifest:
        return FixManifest(
            f"{self._files[number]} holds something that is not JSON at byte {position & _OFFSET:,}",
            code="events-unreadable",
            remedy="sync again into an empty folder: nothing but the connector may write to this one",
        )
