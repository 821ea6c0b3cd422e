"""The whole address of the next page in the body, to be asked as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.http.pagination.bookmark import bookmark, find_place, without
from sandbox.http.pagination.limit import LIMIT, read_limit
from sandbox.http.pagination.link import page_address
from sandbox.http.pagination.style import Described, Page, Place


class NextLinkStyle:
    """`?limit&page_token` → `links {next}`, null at the end."""

    name: ClassVar[str] = "next-link"
    summary: ClassVar[str] = "The whole address of the next page in the body."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {
        "limit": LIMIT,
        "page_token": {"type": "string", "minLength": 1, "description": "Part of the address in `links.next`."},
    }
    members: ClassVar[Described] = {
        "links": {
            "type": "object",
            "required": ["next"],
            "properties": {"next": {"type": ["string", "null"], "format": "uri", "description": "Null at the end."}},
        }
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit` and `page_token`; what else is given are the list's filters."""
        filters = without(arguments, self.parameters)
        return find_place(arguments.get("page_token"), read_limit(arguments.get("limit")), filters, resource=resource)

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Link to the next page."""
        address = None
        if page.has_more:
            token = bookmark(page, place, resource=resource)
            address = page_address(f"limit={place.limit}&page_token={token}")
        return {"links": {"next": address}}, {}


NEXT_LINK = NextLinkStyle()
