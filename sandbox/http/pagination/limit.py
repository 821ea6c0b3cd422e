"""How many rows a page may have, whatever the parameter is called: lowered to the maximum, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.foundation.problems import InvalidRequest
from sandbox.http.pagination.style import DEFAULT_LIMIT, MAXIMUM_LIMIT

LIMIT = {
    "type": "integer",
    "minimum": 1,
    "default": DEFAULT_LIMIT,
    "description": f"Rows a page, 1 to {MAXIMUM_LIMIT}; a larger number is lowered to {MAXIMUM_LIMIT}.",
}


def read_limit(given: str | None, name: str = "limit") -> int:
    """Read the size of a page out of the query; raises InvalidRequest for what is no positive number."""
    return DEFAULT_LIMIT if given is None else min(read_number(given, name, least=1), MAXIMUM_LIMIT)


def read_limit_member(body: Mapping[str, Any]) -> int:
    """Read the size of a page out of a JSON body; raises InvalidRequest for what is no positive number."""
    given = body.get("limit", DEFAULT_LIMIT)
    if type(given) is not int or given < 1:
        raise refused("/limit", f"a whole number from 1 to {MAXIMUM_LIMIT} is expected")
    return min(given, MAXIMUM_LIMIT)


def read_number(given: str, name: str, *, least: int) -> int:
    """Read a number out of the query; raises InvalidRequest naming the parameter."""
    if not (given.isascii() and given.isdigit()) or int(given) < least:
        most = f" to {MAXIMUM_LIMIT}" if least == 1 else ""
        raise refused(f"?{name}", f"a whole number from {least}{most} is expected")
    return int(given)


def refused(pointer: str, detail: str) -> InvalidRequest:
    """Name the parameter that cannot be used, and what would be."""
    return InvalidRequest(
        f"Correct {pointer} and send the request again.", errors=[{"pointer": pointer, "detail": detail}]
    )
