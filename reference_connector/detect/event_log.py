"""The events of a sync as a log that can be read once from front to back, and again at single places.

A position is one integer: the number of the file and the offset of the line. So a match keeps eight bytes instead of an
event, and the evidence is read again only for what becomes an alert.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from reference_connector.errors import FixManifest

FOLDER = "ocsf"

_OFFSET_BITS = 48


class EventLog:
    """`ocsf/<class>.jsonl` below the output folder."""

    def __init__(self, out: Path) -> None:
        self._files = sorted((out / FOLDER).glob("*.jsonl"))

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
        with self._files[position >> _OFFSET_BITS].open("rb") as lines:
            lines.seek(position & ((1 << _OFFSET_BITS) - 1))
            event: dict[str, Any] = orjson.loads(lines.readline())
            return event

    def _damaged(self, number: int, position: int) -> FixManifest:
        offset = position & ((1 << _OFFSET_BITS) - 1)
        return FixManifest(
            f"{self._files[number]} holds something that is not JSON at byte {offset:,}",
            code="events-unreadable",
            remedy="sync again into an empty folder: nothing but the connector may write to this one",
        )
