"""The last page says that there is more."""

from __future__ import annotations

from typing import Any

from flask import Response

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, answered, has_token, rows_of, says_more, style_asked


def _key(row: dict[str, Any]) -> int | str | None:
    """Find what rows of the list are ordered by."""
    key: int | str | None = row.get("integrity", {}).get("sequence") or row.get("id")
    return key


def _applies(call: Call, _: Given) -> bool:
    rows = rows_of(call.response)
    return (
        has_token(style_asked())
        and bool(rows)
        and _key((rows or [{}])[-1]) is not None
        and not says_more(call.response)
    )


def _promise(_: Call, __: Given, response: Response) -> Response:
    rows = rows_of(response) or []
    key = _key(rows[-1]) if rows else None
    return answered(response, rows, last=(key,)) if key is not None else response


KIND = Kind(
    "full_last_page",
    story="The last page is full, so the vendor cannot know that it is the last one and names another, which is "
    "empty. It happens only when the number of rows is a multiple of the page size, so nobody sees it in a "
    "test.",
    remedy="Ask for that page as well and take its emptiness for the end; never for a failure, nor for a list that is "
    "empty.",
    routes=ROUTES,
    applies=_applies,
    respond=_promise,
)
