"""The native style: an opaque `cursor`, answered as `page.next_cursor` and as a `Link` header (RFC 8288).

A cursor carries position, filters and order, so that repeating the filters is allowed and changing them is refused;
`limit` may change from page to page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from flask import g, request

from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.problems import InvalidCursor, InvalidRequest
from sandbox.http.pagination.seal import seal, unseal
from sandbox.http.pagination.style import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, Place


class CursorStyle:
    """`?limit&cursor` → `page {limit, next_cursor, has_more, as_of}`."""

    name: ClassVar[str] = "cursor"
    parameters: ClassVar[Mapping[str, str]] = {
        "limit": f"Rows a page, 1 to {MAXIMUM_LIMIT}; a larger number is lowered to {MAXIMUM_LIMIT}.",
        "cursor": "`page.next_cursor` of the page before.",
    }

    def read(self, arguments: Mapping[str, str], *, resource: str) -> Place:
        """Read `limit` and `cursor`; what else is given are the list's filters."""
        filters = {name: value for name, value in arguments.items() if name not in self.parameters}
        limit = _limit(arguments.get("limit"))
        if (token := arguments.get("cursor")) is None:
            return Place(limit, None, filters)
        content = unseal(token, resource=resource)
        if changed := sorted(name for name in filters if filters[name] != content["filters"].get(name)):
            raise InvalidCursor(
                f"The cursor was made with another {', '.join(changed)}. Keep the filters, or start again without it.",
                changed=changed,
            )
        return Place(limit, tuple(content["after"]) if content["after"] else None, content["filters"])

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Name the next page. A feed that is caught up keeps its cursor but has no `Link: rel="next"`."""
        token = None
        if page.has_more or page.follows:
            token = seal({"after": page.last, "filters": place.filters}, resource=resource)
        members = {
            "page": {
                "limit": place.limit,
                "next_cursor": token,
                "has_more": page.has_more,
                "as_of": to_wire(now()),
            }
        }
        if not page.has_more:
            return members, {}
        address = f"{g.origin}{quote(request.root_path + request.path)}"
        return members, {"Link": f'<{address}?limit={place.limit}&cursor={token}>; rel="next"'}


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if not (given.isascii() and given.isdigit()) or int(given) < 1:
        detail = f"a whole number from 1 to {MAXIMUM_LIMIT} is expected"
        raise InvalidRequest(
            "Correct ?limit and send the request again.", errors=[{"pointer": "?limit", "detail": detail}]
        )
    return min(int(given), MAXIMUM_LIMIT)


CURSOR = CursorStyle()
