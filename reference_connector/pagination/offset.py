"""Counting records off: the next page begins behind as many records as were received.

What was received counts, not what was asked for, so a vendor that lowers the page size in silence skips nothing. The end
is an empty page: a short one may have been shortened by the vendor, and one request more is cheaper than a lost record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reference_connector.manifest.model import DefaultPaginator, OffsetIncrement
from reference_connector.pagination.paginator import PageRequest
from reference_connector.pagination.placement import placed


class OffsetPaginator:
    """Asks for what is behind the records so far, until nothing comes."""

    counts_rows = True

    def __init__(self, paginator: DefaultPaginator, strategy: OffsetIncrement) -> None:
        self._strategy = strategy
        self._token_option = paginator.page_token_option
        self._size_option = paginator.page_size_option

    def request(self, token: str | None) -> PageRequest:
        """Return page size and offset; the first request has no offset unless the manifest wants it."""
        if token is None and not self._strategy.inject_on_first_request:
            return placed(((self._size_option, self._strategy.page_size),))
        return placed(((self._size_option, self._strategy.page_size), (self._token_option, int(token or 0))))

    def following(
        self, body: Any, headers: Mapping[str, str], records: Sequence[Any], asked: str | None = None
    ) -> str | None:
        """Return the offset behind this page; None behind the last one."""
        return str(int(asked or 0) + len(records)) if records else None

    def repeated(self, records: Sequence[Any], asked: str | None) -> int:
        """Return 0: pages do not overlap."""
        return 0
