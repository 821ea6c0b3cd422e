"""Cursor pagination: every answer carries the token, or the address, of the next page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reference_connector.manifest.model import DefaultPaginator, RequestPath
from reference_connector.pagination.paginator import PageRequest


class CursorPaginator:
    """Follows `cursor_value` until `stop_condition` holds or there is no token."""

    def __init__(self, paginator: DefaultPaginator, config: Mapping[str, object]) -> None:
        self._strategy = paginator.pagination_strategy
        self._token_option = paginator.page_token_option
        self._size_option = paginator.page_size_option
        self._config = config

    def request(self, token: str | None) -> PageRequest:
        """Return the page size and the token, each where the manifest puts it."""
        if token is not None and isinstance(self._token_option, RequestPath):
            return PageRequest(url=token)
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {}
        size = self._strategy.page_size
        for option, value in ((self._size_option, size), (self._token_option, token)):
            if value is None or option is None or isinstance(option, RequestPath):
                continue
            if option.inject_into == "header":
                headers[option.field_name] = str(value)
            else:
                query.append((option.field_name, str(value)))
        return PageRequest(tuple(query), headers)

    def following(self, body: Any, headers: Mapping[str, str], records: Sequence[Any]) -> str | None:
        """Return the next token; ValueError if the vendor says there is more but not where."""
        scope = {
            "config": self._config,
            "response": body,
            "headers": headers,
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
