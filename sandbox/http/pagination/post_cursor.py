"""A cursor in the body of a POST: the first request says what is wanted, the next ones hand the cursor back.

The cursor is new in every answer and can be kept as a checkpoint: what is new is behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.http.pagination.bookmark import bookmark, find_place, without
from sandbox.http.pagination.limit import LIMIT, read_limit_member
from sandbox.http.pagination.style import Described, Page, Place


class PostCursorStyle:
    """`POST {limit, cursor, …}` → `cursor, has_more`."""

    name: ClassVar[str] = "post-cursor"
    summary: ClassVar[str] = "A cursor in the body of a POST, to be kept as a checkpoint."
    carried_in: ClassVar[Literal["query", "body"]] = "body"
    parameters: ClassVar[Described] = {
        "limit": LIMIT,
        "cursor": {
            "type": ["string", "null"],
            "minLength": 1,
            "description": "The cursor of the answer before; null or none: from the beginning.",
        },
    }
    members: ClassVar[Described] = {
        "cursor": {"type": "string", "description": "Goes on behind this page, now or later."},
        "has_more": {"type": "boolean", "description": "False: nothing is left for now."},
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit` and `cursor`; what else is given are the list's filters."""
        filters = without(arguments, self.parameters)
        return find_place(arguments.get("cursor"), read_limit_member(arguments), filters, resource=resource)

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Answer the cursor that goes on behind the page."""
        return {"cursor": bookmark(page, place, resource=resource), "has_more": page.has_more}, {}


POST_CURSOR = PostCursorStyle()
