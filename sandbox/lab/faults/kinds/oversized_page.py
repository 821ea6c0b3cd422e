"""Pages that hold more rows than were asked for."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, ask_instead, size_asked


class Parameters(Schema):
    """How large."""

    factor = fields.Integer(
        load_default=2, validate=validate.Range(2, 10), metadata={"description": "How many times too many."}
    )


def _applies(_: Call, __: Given) -> bool:
    return size_asked() is not None


def _enlarge(_: Call, given: Given) -> Response | None:
    if (size := size_asked()) is not None:
        ask_instead(**{size[0]: size[1] * given["factor"]})
    return None


KIND = Kind(
    "oversized_page",
    story="The vendor takes the page size for a hint, or ignores it: pages are larger than asked for, all of them or "
    "the one at which rows with the same stamp must stay together.",
    remedy="Take what comes: count the rows that were received, not those that were asked for, and never cut a page "
    "off.",
    routes=ROUTES,
    parameters=Parameters(),
    applies=_applies,
    before=_enlarge,
)
