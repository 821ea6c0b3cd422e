"""Pages that are found in the `Link` header only (RFC 8288), as the older REST APIs of large vendors do it.

The body is the list and nothing else, so a proxy that drops the header ends the listing early without a trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

from sandbox.http.pagination.bookmark import bookmark, find_place, without
from sandbox.http.pagination.limit import LIMIT, read_limit
from sandbox.http.pagination.link import next_link, page_address
from sandbox.http.pagination.style import Described, Page, Place


class LinkHeaderStyle:
    """`?limit&after` → `Link: <…>; rel="first", <…>; rel="next"`; no `next` at the end."""

    name: ClassVar[str] = "link-header"
    summary: ClassVar[str] = "The address of the next page in the Link header only."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {
        "limit": LIMIT,
        "after": {"type": "string", "minLength": 1, "description": 'Part of the address that `rel="next"` gives.'},
    }
    members: ClassVar[Described] = {}
    headers: ClassVar[Mapping[str, str]] = {"Link": "`first`, and `next` while there is more (RFC 8288)."}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit` and `after`; what else is given are the list's filters."""
        filters = without(arguments, self.parameters)
        return find_place(arguments.get("after"), read_limit(arguments.get("limit")), filters, resource=resource)

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Link to the first page and to the next one. Filters travel inside `after`, and in the link to the start."""
        links = [f'<{page_address(urlencode({"limit": place.limit, **place.filters}))}>; rel="first"']
        if page.has_more:
            after = bookmark(page, place, resource=resource)
            links.append(next_link(page_address(f"limit={place.limit}&after={after}")))
        return {}, {"Link": ", ".join(links)}


LINK_HEADER = LinkHeaderStyle()
