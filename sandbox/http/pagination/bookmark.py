"""A bookmark: an opaque token that holds a position and the filters it belongs to.

Repeating the filters is allowed and changing them is refused; `limit` may change from page to page. Several styles hand
out bookmarks under different names: as a cursor, inside a link, as the position of a stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.foundation.problems import InvalidCursor
from sandbox.http.pagination.limit import refused
from sandbox.http.pagination.seal import seal, unseal
from sandbox.http.pagination.style import Page, Place


def find_place(token: Any, limit: int, filters: Mapping[str, Any], *, resource: str) -> Place:
    """Go where a bookmark leads, or to the start without one; raises InvalidCursor and CursorExpired."""
    if token is None:
        return Place(limit, None, filters)
    if not isinstance(token, str):
        raise refused("/cursor", "text is expected")
    content = unseal(token, resource=resource)
    if changed := sorted(name for name in filters if filters[name] != content["filters"].get(name)):
        raise InvalidCursor(
            f"The cursor was made with another {', '.join(changed)}. Keep the filters, or start again without it.",
            changed=changed,
        )
    after = tuple(content["after"]) if content["after"] else None
    return Place(content.get("limit", limit), after, content["filters"], token=token)


def bookmark(page: Page, place: Place, *, resource: str, **more: Any) -> str:
    """Make the bookmark behind a page."""
    return seal({"after": page.last, "filters": place.filters, **more}, resource=resource)


def without(arguments: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the list's own filters: what is given beside the parameters of the style."""
    return {name: value for name, value in arguments.items() if name not in parameters}
