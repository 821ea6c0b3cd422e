"""The token of the next page is the one that was just used."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import (
    ROUTES,
    asked,
    goes_on,
    has_token,
    position_parameter,
    says_more,
    style_asked,
    with_token,
)


def _applies(call: Call, _: Given) -> bool:
    return has_token(style_asked()) and goes_on() and says_more(call.response)


def _repeat(_: Call, __: Given, response: Response) -> Response:
    return with_token(response, str(asked()[position_parameter() or ""]))


KIND = Kind(
    "cursor_repeats",
    story="The vendor answers the same token again, so the list goes round in circles: the same page for ever, or "
    "until the quota is used up.",
    remedy="Remember the tokens of a list; a token that comes back ends it loudly. What was read before is kept, but "
    "it is not everything.",
    routes=ROUTES,
    applies=_applies,
    respond=_repeat,
)
