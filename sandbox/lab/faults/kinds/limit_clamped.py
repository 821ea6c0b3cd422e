"""A page size that is lowered in silence."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, ask_instead, size_asked


class Parameters(Schema):
    """How small."""

    maximum = fields.Integer(
        load_default=10, validate=validate.Range(1, 1000), metadata={"description": "Rows a page at most."}
    )


def _applies(_: Call, given: Given) -> bool:
    size = size_asked()
    return size is not None and size[1] > given["maximum"]


def _lower(_: Call, given: Given) -> Response | None:
    if (size := size_asked()) is not None:
        ask_instead(**{size[0]: given["maximum"]})
    return None


KIND = Kind(
    "limit_clamped",
    story="The page size is lowered without a word, for good or for a single page under load. A client that takes a "
    "page which is shorter than asked for the last one stops after the first; one that adds the size it asked "
    "for skips rows.",
    remedy="Go on until there is no token, or with offsets until a page is empty, and advance by what was received. "
    "With page numbers a size that changes on the way leaves a gap: notice the short page that is not the last "
    "one.",
    routes=ROUTES,
    parameters=Parameters(),
    applies=_applies,
    before=_lower,
)
