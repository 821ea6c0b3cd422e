"""What a pagination style is: it reads a place out of the request and writes a page into body and headers.

Styles know HTTP arguments and links, never tables; whatever is paged knows tables, never HTTP. Between them go `Place`
and `Page`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

DEFAULT_LIMIT, MAXIMUM_LIMIT = 100, 1000

# JSON Schema of the parameters and members of the styles, for the documentation.
Described = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: behind the row with key `after` (None: at the start), at most `limit` rows.

    `filters` holds the list's own parameters as they were written, so that a cursor can carry them. Styles that count
    rows set `offset` instead of `after`. `token` is the opaque position as it was given.
    """

    limit: int
    after: tuple[int | str, ...] | None
    filters: Mapping[str, Any]
    offset: int | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page. `last` is the key to continue behind; None only when there is nothing to continue behind.

    `follows` marks a feed without an end: its last page still names a position, to be asked again later. `total` counts
    the whole list when it is called, which costs a statement; None where it cannot be counted.
    """

    items: Sequence[Any]
    last: tuple[int | str, ...] | None
    has_more: bool
    follows: bool = False
    total: Callable[[], int] | None = None


class Pageable(Protocol):
    """Anything that can be read page by page."""

    def turn(self, place: Place) -> Page:
        """Read the page that starts at `place`."""


class PaginationStyle(Protocol):
    """One way in which APIs page.

    `parameters` stand where `carried_in` says; `members` stand beside `data` in the answer, each of them always, and
    `headers` are those of the answer.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    carried_in: ClassVar[Literal["query", "body"]]
    parameters: ClassVar[Described]
    members: ClassVar[Described]
    headers: ClassVar[Mapping[str, str]]

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read the place; raises InvalidRequest or InvalidCursor."""

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Write the members beside `data`, and the headers."""
