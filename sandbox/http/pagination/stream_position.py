"""A stream with a position that is always answered, also when nothing is left: ask again later for what is new.

Nothing says that the end is reached except an empty page, whose position is the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.http.pagination.bookmark import bookmark, find_place, without
from sandbox.http.pagination.limit import LIMIT, read_limit
from sandbox.http.pagination.style import Described, Page, Place

START = "0"


class StreamPositionStyle:
    """`?limit&stream_position` → `next_stream_position`, never null."""

    name: ClassVar[str] = "stream-position"
    summary: ClassVar[str] = "A position that is answered always, also at the end."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {
        "limit": LIMIT,
        "stream_position": {
            "type": "string",
            "minLength": 1,
            "default": START,
            "description": f"`next_stream_position` of the page before; `{START}` is the start.",
        },
    }
    members: ClassVar[Described] = {
        "next_stream_position": {"type": "string", "description": "Where to go on, now or later."}
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit` and `stream_position`; what else is given are the list's filters."""
        given = arguments.get("stream_position", START)
        token = None if given == START else given
        return find_place(
            token, read_limit(arguments.get("limit")), without(arguments, self.parameters), resource=resource
        )

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Name the position behind the page, or the same one again."""
        if not page.items:
            return {"next_stream_position": place.token or START}, {}
        return {"next_stream_position": bookmark(page, place, resource=resource)}, {}


STREAM_POSITION = StreamPositionStyle()
