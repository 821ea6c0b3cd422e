"""Cursor pagination: every answer carries the token, or the address, of the next page.

One class for every style whose answers say how to go on: a cursor in the body, a link in body or header, a position that
is always answered. Where the token comes from and where it goes is in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reference_connector.manifest.model import CursorPagination, DefaultPaginator, RequestPath
from reference_connector.pagination.link_header import links
from reference_connector.pagination.paginator import PageRequest
from reference_connector.pagination.placement import placed


class CursorPaginator:
    """Follows `cursor_value` until `stop_condition` holds or there is no token."""

    counts_rows = False

    def __init__(self, paginator: DefaultPaginator, strategy: CursorPagination, config: Mapping[str, object]) -> None:
        self._strategy = strategy
        self._token_option = paginator.page_token_option
        self._size_option = paginator.page_size_option
        self._config = config

    def request(self, token: str | None) -> PageRequest:
        """Return the page size and the token, each where the manifest puts it."""
        if token is not None and isinstance(self._token_option, RequestPath):
            return PageRequest(url=token)
        return placed(((self._size_option, self._strategy.page_size), (self._token_option, token)))

    def following(
        self, body: Any, headers: Mapping[str, str], records: Sequence[Any], asked: str | None = None
    ) -> str | None:
        """Return the next token; ValueError if the vendor says there is more but not where."""
        scope = {
            "config": self._config,
            "response": body,
            "headers": {**headers, "link": links(headers.get("link", ""))},
            "last_record": records[-1] if records else None,
            "last_page_size": len(records),
        }
        condition = self._strategy.stop_condition
        if condition is not None and condition.value(scope):
            return None
        token = self._strategy.cursor_value.value(scope)
        if token is None or token == "":
            if condition is not None:
                raise ValueError("the answer says that there is more, but holds no page token")
            return None
        if isinstance(token, bool) or not isinstance(token, str | int):
            raise ValueError(f"the page token is {type(token).__name__}, not text")
        return str(token)

    def repeated(self, records: Sequence[Any], asked: str | None) -> int:
        """Return 0: pages do not overlap."""
        return 0
