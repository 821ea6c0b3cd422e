"""A page without rows in the middle of a list."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, answered, has_token, place_asked, rows_of, style_asked


def _applies(call: Call, _: Given) -> bool:
    return has_token(style_asked()) and bool(rows_of(call.response))


def _empty(_: Call, __: Given, response: Response) -> Response:
    """Keep the rows for the page behind; its token is another one for the same place."""
    return answered(response, [], last=place_asked().after)


KIND = Kind(
    "empty_page",
    story="A page holds nothing and yet names a next one: the vendor looked at a part of its log in which the filter "
    "found nothing, or its time was up. Some vendors say so in their documentation, most do not.",
    remedy="The token decides whether there is more, never the number of rows. Go on until no token comes.",
    routes=ROUTES,
    count=1,
    applies=_applies,
    respond=_empty,
)
