"""A watermark: the next page is asked for by the stamp of the last record, so that record comes again with its ties.

No other vocabulary says what becomes of ties, so this is a block of our own (`paging`). If the vendor never splits the
records of one stamp, a page that ends where it began is the last one. If it does, a full page of one stamp hides how many
more there are, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from reference_connector.manifest.model import TimestampKeyset
from reference_connector.pagination.paginator import PageRequest
from reference_connector.pagination.placement import placed


class TimestampKeysetPaginator:
    """Asks for everything since the last stamp, until nothing lies behind it."""

    counts_rows = False

    def __init__(self, paging: TimestampKeyset) -> None:
        self._paging = paging

    def request(self, token: str | None) -> PageRequest:
        """Return page size and stamp; the stamp takes the place of the start of a window."""
        return placed(((self._paging.page_size_option, self._paging.page_size), (self._paging.since_option, token)))

    def following(
        self, body: Any, headers: Mapping[str, str], records: Sequence[Any], asked: str | None = None
    ) -> str | None:
        """Return the last stamp; ValueError if there is none, if stamps go back, or if ties may have been cut off."""
        if not records:
            return None
        first, last = self._stamp(records[0]), self._stamp(records[-1])
        if asked is not None and _is_later(asked, first):
            raise ValueError(f"the page since {asked} begins at {first}: the vendor ignores what it is asked for")
        if asked is None or _is_later(last, asked):
            return str(last)
        if str(last) != asked:
            raise ValueError(f"the page since {asked} ends at {last}: it is not in the order of {self._field}")
        size = self._paging.page_size
        if self._paging.ties == "split" and size is not None and len(records) >= size:
            raise ValueError(f"a whole page has the {self._field} {last}: what else has it would never be shown")
        return None

    def repeated(self, records: Sequence[Any], asked: str | None) -> int:
        """Return how many records the page before has shown already: those of the stamp that was asked for."""
        if asked is None:
            return 0
        return sum(1 for _ in takewhile(lambda record: str(self._stamp(record)) == asked, records))

    @property
    def _field(self) -> str:
        return self._paging.record_field

    def _stamp(self, record: Any) -> str | int:
        stamp = record.get(self._field) if isinstance(record, dict) else None
        if isinstance(stamp, bool) or not isinstance(stamp, str | int):
            raise ValueError(f"a record has no {self._field} to go on from")
        return stamp


def _is_later(one: str | int, other: str | int) -> bool:
    """Compare stamps as what the records hold, numbers or text; a page token is text."""
    are_numbers = isinstance(one, int) or isinstance(other, int)
    return int(one) > int(other) if are_numbers else str(one) > str(other)
