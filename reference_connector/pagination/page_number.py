"""Numbering pages: right only while all pages are of one size, so that is watched.

A page that is shorter than the first one must be the last. If another one follows with records in it, the vendor changed
the size on the way, and what lies between the two was never shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference_connector.manifest.model import DefaultPaginator, PageIncrement
from reference_connector.pagination.paginator import PageRequest
from reference_connector.pagination.placement import placed


@dataclass(frozen=True, slots=True)
class _Turn:
    """A page to ask for, and how many records the first page and the one before it held: the page token."""

    number: int
    first: int = 0
    before: int = 0

    @classmethod
    def of(cls, token: str) -> _Turn:
        return cls(*map(int, token.split(",")))

    def __str__(self) -> str:
        return f"{self.number},{self.first},{self.before}"


class PageNumberPaginator:
    """Asks for one number after the other, until nothing comes."""

    counts_rows = True

    def __init__(self, paginator: DefaultPaginator, strategy: PageIncrement) -> None:
        self._strategy = strategy
        self._token_option = paginator.page_token_option
        self._size_option = paginator.page_size_option

    def request(self, token: str | None) -> PageRequest:
        """Return page size and number; the first request has no number unless the manifest wants it."""
        size = (self._size_option, self._strategy.page_size)
        if token is None and not self._strategy.inject_on_first_request:
            return placed((size,))
        return placed((size, (self._token_option, self._turn(token).number)))

    def following(
        self, body: Any, headers: Mapping[str, str], records: Sequence[Any], asked: str | None = None
    ) -> str | None:
        """Return the next page; ValueError if the one before was short although this one holds records."""
        if not records:
            return None
        turn = self._turn(asked)
        if turn.before < turn.first:
            raise ValueError(
                f"page {turn.number} holds records although the page before it held only {turn.before}, and the first "
                f"one {turn.first}: the size of the pages changed, so records between them were never shown"
            )
        return str(_Turn(turn.number + 1, turn.first or len(records), len(records)))

    def repeated(self, records: Sequence[Any], asked: str | None) -> int:
        """Return 0: pages do not overlap."""
        return 0

    def _turn(self, token: str | None) -> _Turn:
        return _Turn.of(token) if token is not None else _Turn(self._strategy.start_from_page)
