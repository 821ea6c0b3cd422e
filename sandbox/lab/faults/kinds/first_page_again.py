"""The token is ignored, and every page is the first one."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, ask_instead, goes_on, position_parameter, style_asked


def _applies(_: Call, __: Given) -> bool:
    style = style_asked()
    # The call that goes on has nothing but its cursor.
    return goes_on() and style is not None and set(style.parameters) != {"cursor"}


def _forget(_: Call, __: Given) -> Response | None:
    if (parameter := position_parameter()) is not None:
        ask_instead(**{parameter: None})
    return None


KIND = Kind(
    "first_page_again",
    story="A proxy drops the query, a parameter was renamed, or the vendor never knew it: the token has no effect, "
    "every page is the first one, and every token is new.",
    remedy="Look at the records and not only at the tokens: a page that comes again and again ends the list loudly. "
    "Do not take a page of known records for the end.",
    routes=ROUTES,
    applies=_applies,
    before=_forget,
)
