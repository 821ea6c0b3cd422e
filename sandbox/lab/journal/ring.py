"""A ring of records in memory that all workers of a server share.

It is anonymous memory, mapped before the workers are forked, so each sees at once what another wrote, and nothing of it
reaches a disk. A ring in the database would survive a restart and serve several hosts, but cost a tenth of a token request;
this costs a copy under a lock. A ring in each process would show whoever asks the requests of one worker only.
"""

from __future__ import annotations

import fcntl
import mmap
import struct
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

SLOTS = 1000
SLOT_BYTES = 8192
_COUNT = struct.Struct("<Q")
_LENGTH = struct.Struct("<I")
LONGEST = SLOT_BYTES - _LENGTH.size


class Ring:
    """The last `SLOTS` records, of `LONGEST` bytes each at most; made before the processes that share it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SLOT_BYTES * (SLOTS + 1))
        self._threads = Lock()
        # Between processes a lock on a file, since that goes with a process that dies.
        self._file = tempfile.TemporaryFile(prefix="harbor-journal-")  # noqa: SIM115 - open as long as the ring lives
        weakref.finalize(self, self._file.close)

    def append(self, record: bytes) -> None:
        """Add a record in the place of the oldest; raises ValueError for one that is too long."""
        if len(record) > LONGEST:
            raise ValueError(f"a record of {len(record)} bytes does not fit into {LONGEST}")
        with self._locked():
            count = self._count()
            place = self._place(count)
            _LENGTH.pack_into(self._memory, place, len(record))
            self._memory[place + _LENGTH.size : place + _LENGTH.size + len(record)] = record
            _COUNT.pack_into(self._memory, 0, count + 1)

    def newest_first(self) -> list[bytes]:
        """Read all records."""
        with self._locked():
            count = self._count()
            return [self._read(number) for number in range(count - 1, max(-1, count - 1 - SLOTS), -1)]

    def _read(self, number: int) -> bytes:
        place = self._place(number)
        (length,) = _LENGTH.unpack_from(self._memory, place)
        return self._memory[place + _LENGTH.size : place + _LENGTH.size + length]

    def _count(self) -> int:
        count: int = _COUNT.unpack_from(self._memory, 0)[0]
        return count

    @staticmethod
    def _place(number: int) -> int:
        """Find the slot of a record, counted from 0; the first slot of all holds the count."""
        return SLOT_BYTES * (1 + number % SLOTS)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
