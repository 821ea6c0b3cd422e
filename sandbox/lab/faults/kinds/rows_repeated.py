"""Rows that come twice on one page."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields, validate

from sandbox.lab.faults.answer import json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, rows_of


class Parameters(Schema):
    """How many."""

    rows = fields.Integer(
        load_default=10, validate=validate.Range(1, 1000), metadata={"description": "How many rows come again."}
    )


def _applies(call: Call, _: Given) -> bool:
    return bool(rows_of(call.response))


def _repeat(_: Call, given: Given, response: Response) -> Response:
    document = json_of(response)
    if document is None:
        return response
    rows = document["data"]
    return rewritten(response, {**document, "data": [*rows, *rows[: given["rows"]]]})


KIND = Kind(
    "rows_repeated",
    story="The vendor promises each event at least once, and means it: after a failover the same rows are delivered "
    "again.",
    remedy="Keep one record of each key, also within a page, and say how many came twice.",
    routes=ROUTES,
    parameters=Parameters(),
    count=1,
    applies=_applies,
    respond=_repeat,
)
