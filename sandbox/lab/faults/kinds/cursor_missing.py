"""There is more, but nothing says where."""

from __future__ import annotations

from flask import Response

from sandbox.lab.faults.answer import json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, says_more, style_asked

_MEMBERS = {"cursor": "next_cursor", "start-continue": "cursor", "post-cursor": "cursor"}


def _applies(call: Call, _: Given) -> bool:
    style = style_asked()
    return style is not None and style.name in _MEMBERS and says_more(call.response)


def _withhold(_: Call, __: Given, response: Response) -> Response:
    style, document = style_asked(), json_of(response)
    if style is None or document is None:
        return response
    document.get("page", document)[_MEMBERS[style.name]] = None
    del response.headers["Link"]
    return rewritten(response, document)


KIND = Kind(
    "cursor_missing",
    story="has_more is true and the cursor is null: two parts of the vendor disagree. A client that looks at the "
    "cursor alone stops and calls the list complete.",
    remedy="Take the contradiction for a broken answer: ask again, and if it stays so fail the list. Never take it "
    "for the end.",
    routes=ROUTES,
    applies=_applies,
    respond=_withhold,
)
