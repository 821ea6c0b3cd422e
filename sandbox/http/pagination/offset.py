"""Counting rows from the start: simple, and wrong as soon as a row before the position comes or goes.

Reading at an offset costs as much as all rows before it, so vendors refuse to go deep; here it ends at 10,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.http.pagination.bookmark import without
from sandbox.http.pagination.limit import LIMIT, read_limit, read_number, refused
from sandbox.http.pagination.style import Described, Page, Place

DEEPEST = 10_000


class OffsetStyle:
    """`?limit&offset` → `page {limit, offset, total}`; the end is where a page is empty."""

    name: ClassVar[str] = "offset"
    summary: ClassVar[str] = "A number of rows to skip, and the total."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {
        "limit": LIMIT,
        "offset": {
            "type": "integer",
            "minimum": 0,
            "maximum": DEEPEST,
            "default": 0,
            "description": f"Rows to skip, at most {DEEPEST}; narrow the filters to read what lies deeper.",
        },
    }
    members: ClassVar[Described] = {
        "page": {
            "type": "object",
            "required": ["limit", "offset", "total"],
            "properties": {
                "limit": {"type": "integer", "description": "Rows a page, as it was applied."},
                "offset": {"type": "integer"},
                "total": {"type": "integer", "description": "Rows of the whole list at this moment."},
            },
        }
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit` and `offset`; what else is given are the list's filters."""
        offset = read_number(arguments.get("offset", "0"), "offset", least=0)
        if offset > DEEPEST:
            raise refused("?offset", f"at most {DEEPEST} is possible: narrow the filters, or use a style with cursors")
        return Place(read_limit(arguments.get("limit")), None, without(arguments, self.parameters), offset)

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Say where the page is in the whole."""
        total = page.total() if page.total else None
        return {"page": {"limit": place.limit, "offset": place.offset, "total": total}}, {}


OFFSET = OffsetStyle()
