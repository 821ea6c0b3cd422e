"""A watermark: no token at all, the caller goes on from the last stamp that it saw.

`since` is inclusive, so rows that came late under that stamp are seen as well, and the ties are seen twice. A page never
splits the rows of one stamp, or a reader could neither go on behind them nor know that it missed some: it holds `limit`
rows behind `since`, and then the rest of the last stamp, so it may be larger than `limit`. `ticks.py` reads such pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from sandbox.foundation.clock import now, to_wire
from sandbox.http.pagination.bookmark import without
from sandbox.http.pagination.limit import LIMIT, read_limit
from sandbox.http.pagination.style import Described, Page, Place


class TimestampKeysetStyle:
    """`?limit&since&until` → `as_of`; a page that ends at `since` is the last one for now.

    `since` and `until` are filters of the list, since they bound it as well.
    """

    name: ClassVar[str] = "timestamp-keyset"
    summary: ClassVar[str] = "Everything since a moment, oldest first, without a token."
    carried_in: ClassVar[Literal["query", "body"]] = "query"
    parameters: ClassVar[Described] = {"limit": LIMIT}
    members: ClassVar[Described] = {
        "as_of": {"type": "string", "format": "date-time", "description": "The server's business time."}
    }
    headers: ClassVar[Mapping[str, str]] = {}

    def read(self, arguments: Mapping[str, Any], *, resource: str) -> Place:
        """Read `limit`; what else is given, the moments too, are the list's filters."""
        return Place(read_limit(arguments.get("limit")), None, without(arguments, self.parameters))

    def write(self, page: Page, place: Place, *, resource: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Say what time it is; where to go on stands in the rows."""
        return {"as_of": to_wire(now())}, {}


TIMESTAMP_KEYSET = TimestampKeysetStyle()
