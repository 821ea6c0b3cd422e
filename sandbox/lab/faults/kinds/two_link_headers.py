"""Two `Link` headers in one answer."""

from __future__ import annotations

from flask import Response, request

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, says_more, style_asked


def _applies(call: Call, _: Given) -> bool:
    style = style_asked()
    return style is not None and style.name == "link-header" and says_more(call.response)


def _split(_: Call, __: Given, response: Response) -> Response:
    links = response.headers.getlist("Link")
    del response.headers["Link"]
    for link in [f'<{request.url}>; rel="self"', *links]:
        response.headers.add("Link", link)
    return response


KIND = Kind(
    "two_link_headers",
    story="The vendor sends Link twice: one header for this page, one for the next. Several headers of one name are "
    "one list (RFC 9110 section 5.3), but a client that takes the first one finds no next page, or the present "
    "one for ever.",
    remedy="Join all headers of that name, split them by link and not by comma, and take the one whose rel is next "
    "(RFC 8288 section 3).",
    routes=ROUTES,
    applies=_applies,
    respond=_split,
)
