"""What a pagination style is: it reads a place out of the query and writes a page into body and headers.

Styles know HTTP arguments and links, never tables; whatever is paged knows tables, never HTTP. Between them go `Place`
and `Page`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

DEFAULT_LIMIT, MAXIMUM_LIMIT = 100, 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: behind the row with key `after` (None: at the start), at most `limit` rows.

    `filters` holds the list's own query parameters as they were written, so that a cursor can carry them.
    """

    limit: int
    after: tuple[int | str, ...] | None
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page. `last` is the key to continue behind; None only when there is nothing to continue behind.

    `follows` marks a feed without an end: its last page still names a position, to be asked again later.
    """

    items: Sequence[Any]
    last: tuple[int | str, ...] | None
    has_more: bool
    follows: bool = False


class Pageable(Protocol):
    """Anything that can be read page by page."""

    def turn(self, place: Place) -> Page:
        """Read the page that starts at `place`."""


class PaginationStyle(Protocol):
    """One way in which APIs page."""

    name: ClassVar[str]
    parameters: ClassVar[Mapping[str, str]]

    def read(self, arguments: Mapping[str, str], *, resource: str) -> Place:
        """Read the place; raises InvalidRequest or InvalidCursor."""

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Write the members beside `data`, and the headers."""
