"""What a paginator is, and the guard against listings that go round in circles.

The token decides whether there is a next page, never the size of a page: short and empty pages in the middle are normal
(AIP-158). A token that comes back would be followed for ever, so the second sight of one ends the listing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

# One repetition may be a page that shifted, which is healed elsewhere; more is a listing that stands still.
MAX_REPEATS = 2


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a page token adds to a request.

    `url` takes the place of the whole address; it may be relative. `path` takes the place of the stream's path, and then
    nothing of the first request is repeated but its headers.
    """

    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    url: str | None = None
    path: str | None = None


class Paginator(Protocol):
    """One style of paging. `counts_rows`: pages are found by counting, so rows that come or go move what follows."""

    @property
    def counts_rows(self) -> bool: ...

    def request(self, token: str | None) -> PageRequest:
        """Return what asks for the page behind `token`, or for the first one."""
        ...

    def following(
        self, body: Any, headers: Mapping[str, str], records: Sequence[Any], asked: str | None = None
    ) -> str | None:
        """Return the token of the next page, None at the end; ValueError if the answer contradicts itself.

        `asked` is the token that this page was asked for with.
        """
        ...

    def repeated(self, records: Sequence[Any], asked: str | None) -> int:
        """Return how many records of a page may have been on the one before it, by the style's own nature."""
        ...


class SinglePage:
    """A list without pages."""

    counts_rows = False

    def request(self, token: str | None) -> PageRequest:
        """Return an unchanged request."""
        return PageRequest()

    def following(
        self, body: Any, headers: Mapping[str, str], records: Sequence[Any], asked: str | None = None
    ) -> str | None:
        """Return None: there is only this page."""
        return None

    def repeated(self, records: Sequence[Any], asked: str | None) -> int:
        """Return 0: there is only this page."""
        return 0


class Repetition(Exception):
    """The listing came back to where it had been."""


class LoopGuard:
    """Watches one pass through a listing; `max_pages` bounds what it remembers."""

    def __init__(self, max_pages: int) -> None:
        self._max_pages = max_pages
        self._tokens: set[int] = set()
        self._last_keys: list[Any] = []
        self._repeats = 0
        self._pages = 0

    def admit(self, token: str | None, keys: list[Any]) -> None:
        """Take note of a page and the token behind it; Repetition if either was seen before."""
        self._pages += 1
        if self._pages > self._max_pages:
            raise Repetition(f"the listing has more than {self._max_pages:,} pages")
        self._repeats = self._repeats + 1 if keys and keys == self._last_keys else 0
        if self._repeats == MAX_REPEATS:
            raise Repetition("the same page came again and again")
        self._last_keys = keys or self._last_keys
        if token is not None:
            if hash(token) in self._tokens:
                raise Repetition("a page token came back: the listing would never end")
            self._tokens.add(hash(token))
