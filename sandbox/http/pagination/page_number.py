"""Numbering pages from 1: an offset in disguise, which also breaks when the size of the page changes on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.http.pagination.bookmark import without
from sandbox.http.pagination.limit import LIMIT, read_limit, read_number, refused
from sandbox.http.pagination.style import Described, Page, Place

DEEPEST = 10_000


class PageNumberStyle:
    """`?page_size&page` → `page {number, size, pages, total}`; behind the last page they are empty."""

    name: ClassVar[str] = "page-number"
    summary: ClassVar[str] = "A page number from 1, and how many pages there are."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {
        "page_size": LIMIT,
        "page": {
            "type": "integer",
            "minimum": 1,
            "default": 1,
            "description": f"The number of the page; it may begin at most {DEEPEST} rows deep.",
        },
    }
    members: ClassVar[Described] = {
        "page": {
            "type": "object",
            "required": ["number", "size", "pages", "total"],
            "properties": {
                "number": {"type": "integer"},
                "size": {"type": "integer", "description": "Rows a page, as it was applied."},
                "pages": {"type": "integer"},
                "total": {"type": "integer", "description": "Rows of the whole list at this moment."},
            },
        }
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `page_size` and `page`; what else is given are the list's filters."""
        size = read_limit(arguments.get("page_size"), "page_size")
        offset = (read_number(arguments.get("page", "1"), "page", least=1) - 1) * size
        if offset > DEEPEST:
            detail = f"pages end {DEEPEST} rows deep: narrow the filters, or use a style with cursors"
            raise refused("?page", detail)
        return Place(size, None, without(arguments, self.parameters), offset)

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Say which page it is, and of how many."""
        total = page.total() if page.total else 0
        number = (place.offset or 0) // place.limit + 1
        pages = math.ceil(total / place.limit)
        return {"page": {"number": number, "size": place.limit, "pages": pages, "total": total}}, {}


PAGE_NUMBER = PageNumberStyle()
