"""A note: what one answer was, in as few bytes as its rows allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

LOG, LIST = "log", "list"


class Served(NamedTuple):
    """A page as it went out. `stream` is its path, `filters` what chooses rows without moving along them.

    Of the log: `rows` are spans of sequences in the order served, `bounds` the moments asked for (`since`, `until`,
    `ingested_since`, `ingested_until`), in milliseconds. Of any other list: `rows` are ids, `keys` all that there were at
    the end of the listing. `is_first` begins a walk, `is_last` ends it; `is_spoiled` tells that nobody could read it.
    """

    kind: str
    stream: str
    filters: dict[str, Any]
    is_ascending: bool
    is_first: bool
    is_last: bool
    is_spoiled: bool
    bounds: list[int | None]
    rows: Sequence[Any]
    keys: Sequence[str] | None


class Note(NamedTuple):
    """An answer. Moments are milliseconds: `began_at`, `answered_at` and `wait_until` (Retry-After) wall time, `business`.

    `door` is `oauth` or `api`: what is throttled at one may be asked for at the other. A note whose `status` is 0 is no
    answer but another part of a stream.
    """

    tenant: str
    client_id: str
    door: str
    status: int
    began_at: int
    answered_at: int
    wait_until: int | None
    business: int
    served: Served | None

    def written(self) -> bytes:
        """Write it down."""
        return orjson.dumps([*self[:-1], list(self.served) if self.served else None])


def read(written: bytes) -> Note:
    """Read what `written` wrote."""
    note = Note._make(orjson.loads(written))
    return note._replace(served=Served._make(note.served)) if note.served else note
