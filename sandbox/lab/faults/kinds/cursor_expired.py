"""A cursor that is no longer known."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from sandbox.foundation.problems import Conflict, CursorExpired, InvalidCursor, Problem
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, goes_on, style_asked

_PROBLEMS: dict[int, type[Problem]] = {400: InvalidCursor, 409: Conflict, 410: CursorExpired}
_COUNTED = frozenset({"offset", "page-number", "timestamp-keyset"})


class Parameters(Schema):
    """How the vendor says it."""

    status = fields.Integer(
        load_default=410, validate=validate.OneOf(list(_PROBLEMS)), metadata={"description": "Status of the refusal."}
    )


def _applies(_: Call, __: Given) -> bool:
    style = style_asked()
    return style is not None and style.name not in _COUNTED and goes_on()


def _refuse(_: Call, given: Given) -> None:
    raise _PROBLEMS[given["status"]]("The cursor is too old and was forgotten. Start again without it.")


KIND = Kind(
    "cursor_expired",
    story="Cursors live for minutes, or until the vendor deploys: in the middle of a list the next page is refused. "
    "Vendors do not agree on the status: 410, 400 or 409.",
    remedy="Begin the list, or the window of it, again and recognize what was read already. Do not repeat the same "
    "request, and do not take the pages so far for everything.",
    routes=ROUTES,
    parameters=Parameters(),
    count=1,
    applies=_applies,
    authenticated=_refuse,
)
