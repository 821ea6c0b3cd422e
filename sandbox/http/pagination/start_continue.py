"""A pair of calls: one that starts a listing and answers a cursor, and one that takes nothing but the cursor.

Two styles, one for each call. Filters and the size of the page are chosen at the start and live in the cursor, which is
new in every answer, also in the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.http.pagination.bookmark import bookmark, find_place, without
from sandbox.http.pagination.limit import LIMIT, read_limit_member, refused
from sandbox.http.pagination.style import DEFAULT_LIMIT, Described, Page, Place

CONTINUE = "/continue"


class StartStyle:
    """`POST {limit, …}` → `cursor, has_more`."""

    name: ClassVar[str] = "start-continue"
    summary: ClassVar[str] = "A call that starts a listing, and another that goes on with its cursor."
    carried_in: ClassVar[Literal["query", "body"]] = "body"
    parameters: ClassVar[Described] = {"limit": LIMIT}
    members: ClassVar[Described] = {
        "cursor": {"type": "string", "description": f"For the call under `{CONTINUE}`, now or later."},
        "has_more": {"type": "boolean", "description": "False: nothing is left for now."},
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit`; what else is given are the list's filters."""
        return Place(read_limit_member(arguments), None, without(arguments, self.parameters))

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Answer the cursor that goes on behind the page."""
        listing = resource.removesuffix(CONTINUE)
        cursor = bookmark(page, place, resource=listing, limit=place.limit)
        return {"cursor": cursor, "has_more": page.has_more}, {}


class ContinueStyle(StartStyle):
    """`POST …/continue {cursor}` → `cursor, has_more`."""

    parameters: ClassVar[Described] = {
        "cursor": {"type": "string", "minLength": 1, "description": "The cursor of the answer before."}
    }

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read the cursor; raises InvalidRequest for anything beside it."""
        if surplus := sorted(without(arguments, self.parameters)):
            raise refused(f"/{surplus[0]}", "was chosen when the listing was started: send the cursor alone")
        if "cursor" not in arguments:
            raise refused("/cursor", f"is missing: start a listing without {CONTINUE} to get one")
        return find_place(arguments["cursor"], DEFAULT_LIMIT, {}, resource=resource.removesuffix(CONTINUE))


START_CALL, CONTINUE_CALL = StartStyle(), ContinueStyle()
