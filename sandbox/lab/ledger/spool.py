"""Notes on their way to the database: a ring of bytes in memory that all workers of a server share.

As the journal's ring it is mapped before the workers are forked, so that what a worker noted is there when the worker is
not. A note is written once and read once: `position` counts all bytes ever appended, and whoever has stored the notes up to
a position says so.
"""

from __future__ import annotations

import fcntl
import mmap
import secrets
import struct
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

CAPACITY = 4 * 1024 * 1024
_HEADER = struct.Struct("<QQQd")
_LENGTH = struct.Struct("<I")


class Waiting(NamedTuple):
    """How many bytes wait, and since how many seconds nothing was taken out; `lost` counts notes that found no room."""

    size: int
    seconds: float
    lost: int


class Spool:
    """A ring of notes of any length; `name` tells it from those of other servers on the same database."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.name = secrets.token_hex(8)
        self.capacity = capacity
        self._memory = mmap.mmap(-1, _HEADER.size + capacity)
        self._threads = Lock()
        # Between processes a lock on a file, since that goes with a process that dies.
        self._file = tempfile.TemporaryFile(prefix="harbor-ledger-")  # noqa: SIM115 - open as long as the spool lives
        weakref.finalize(self, self._file.close)

    def append(self, note: bytes) -> Waiting:
        """Add a note, and tell what waits; one that finds no room is counted as lost."""
        with self._locked():
            end, start, lost, taken_at = _HEADER.unpack_from(self._memory)
            moment = time.monotonic()
            if start == end:  # The first after a pause: the pause is nobody's wait.
                taken_at = moment
            if end - start + _LENGTH.size + len(note) > self.capacity:
                lost += 1
            else:
                end = self._write(self._write(end, _LENGTH.pack(len(note))), note)
            _HEADER.pack_into(self._memory, 0, end, start, lost, taken_at)
            return Waiting(end - start, moment - taken_at, lost)

    def read(self, position: int) -> tuple[list[bytes], int]:
        """Read the notes behind a position that were not forgotten yet, and tell the position behind them."""
        with self._locked():
            end, start, _, _ = _HEADER.unpack_from(self._memory)
            here, notes = max(start, position), []
            while here < end:
                (length,) = _LENGTH.unpack(self._read(here, _LENGTH.size))
                notes.append(self._read(here + _LENGTH.size, length))
                here += _LENGTH.size + length
            return notes, end

    def forget(self, position: int) -> None:
        """Make room: everything before the position is stored."""
        with self._locked():
            end, start, lost, _ = _HEADER.unpack_from(self._memory)
            _HEADER.pack_into(self._memory, 0, end, max(start, position), lost, time.monotonic())

    def clear(self) -> None:
        """Forget everything, stored or not."""
        self.forget(self.read(0)[1])

    def waiting(self) -> Waiting:
        """Tell what waits."""
        with self._locked():
            end, start, lost, taken_at = _HEADER.unpack_from(self._memory)
            return Waiting(end - start, time.monotonic() - taken_at if end > start else 0, lost)

    def _write(self, position: int, data: bytes) -> int:
        place = position % self.capacity
        first = data[: self.capacity - place]
        offset = _HEADER.size
        self._memory[offset + place : offset + place + len(first)] = first
        if rest := data[len(first) :]:
            self._memory[offset : offset + len(rest)] = rest
        return position + len(data)

    def _read(self, position: int, length: int) -> bytes:
        place, offset = position % self.capacity, _HEADER.size
        first = self._memory[offset + place : offset + min(place + length, self.capacity)]
        return first + self._memory[offset : offset + length - len(first)]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
