"""The native style: an opaque `cursor`, answered as `page.next_cursor` and as a `Link` header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.foundation.clock import now, to_wire
from sandbox.http.pagination.bookmark import bookmark, find_place, without
from sandbox.http.pagination.limit import LIMIT, read_limit
from sandbox.http.pagination.link import next_link, page_address
from sandbox.http.pagination.style import Described, Page, Place


class CursorStyle:
    """`?limit&cursor` → `page {limit, next_cursor, has_more, as_of}`."""

    name: ClassVar[str] = "cursor"
    summary: ClassVar[str] = "An opaque cursor in the body, as in the native API."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {
        "limit": LIMIT,
        "cursor": {"type": "string", "minLength": 1, "description": "`page.next_cursor` of the page before."},
    }
    members: ClassVar[Described] = {"page": {"$ref": "#/components/schemas/Page"}}
    headers: ClassVar[Mapping[str, str]] = {"Link": 'The next page as `rel="next"` (RFC 8288), while there is more.'}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit` and `cursor`; what else is given are the list's filters."""
        filters = without(arguments, self.parameters)
        return find_place(arguments.get("cursor"), read_limit(arguments.get("limit")), filters, resource=resource)

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Name the next page. A feed that is caught up keeps its cursor but has no `Link: rel="next"`."""
        token = bookmark(page, place, resource=resource) if page.has_more or page.follows else None
        members = {
            "page": {
                "limit": place.limit,
                "next_cursor": token,
                "has_more": page.has_more,
                "as_of": to_wire(now()),
            }
        }
        if token is None or not page.has_more:
            return members, {}
        return members, {"Link": next_link(page_address(f"limit={place.limit}&cursor={token}"))}


CURSOR = CursorStyle()
