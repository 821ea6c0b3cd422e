"""A page that begins too early and ends too early, though the next one begins where it should have ended."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, g
from marshmallow import Schema, fields, validate

from sandbox.http.pagination.paginates import PageTurned
from sandbox.http.pagination.style import Place
from sandbox.lab.faults.answer import json_of, rewritten
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, resource_asked, rows_of
from sandbox.resources.audit_events.feed import Feed


class Parameters(Schema):
    """By how much."""

    rows = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 500),
        metadata={"description": "So many rows come again at the start, and so many are left out at the end."},
    )


def _applies(call: Call, given: Given) -> bool:
    rows = rows_of(call.response) if resource_asked() == "audit-events" else None
    return rows is not None and len(rows) >= given["rows"] and len(_before(rows, given["rows"])) == given["rows"]


def _shift(_: Call, given: Given, response: Response) -> Response:
    document = json_of(response)
    if document is None:
        return response
    rows = document["data"]
    return rewritten(response, {**document, "data": [*_before(rows, given["rows"]), *rows[: -given["rows"]]]})


def _before(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Read the rows before those of a page, in the order of the page."""
    page: PageTurned = g.ledger_page
    asked = {name: value for name, value in page.filters.items() if name in {"actor_id", "action", "outcome"}}
    order = "asc" if page.filters.get("order") == "desc" else "desc"
    place = Place(count, (rows[0]["integrity"]["sequence"],), {})
    return [orjson.loads(body) for body in reversed(Feed({**asked, "order": order}).turn(place).items)]


KIND = Kind(
    "window_shift",
    story="Rows are inserted and removed at a replica between two pages: one page begins ten rows too early and "
    "ends ten rows too early, while the next goes on as if nothing had been. Ten rows come twice, and ten "
    "never.",
    remedy="Rows of the page before are a sign. Read the window again, and if it stays so call the run partial: "
    "what nobody noticed is lost for good.",
    routes=("/v1/*", *ROUTES),
    parameters=Parameters(),
    count=1,
    applies=_applies,
    respond=_shift,
)
