"""Rows are added while a list is read."""

from __future__ import annotations

from collections.abc import Callable

from marshmallow import Schema, fields, validate

from sandbox.foundation.actor import acting_as
from sandbox.foundation.identifiers import new_id
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, goes_on, resource_asked
from sandbox.resources.audit_events.service import record
from sandbox.resources.groups import service as groups
from sandbox.resources.users import service as users


class Parameters(Schema):
    """How many."""

    rows = fields.Integer(
        load_default=1, validate=validate.Range(1, 100), metadata={"description": "How many are added before the page."}
    )


_ADDING: dict[str, Callable[[], object]] = {
    "users": lambda: users.create(email=f"{new_id('late')}@late.example", name="Late Arrival", type="human"),
    "groups": lambda: groups.create(name=f"Late arrivals {new_id('late')}"),
    "audit-events": lambda: record("file.viewed"),
}


def _applies(_: Call, __: Given) -> bool:
    return goes_on() and resource_asked() in _ADDING


def _insert(_: Call, given: Given) -> None:
    add = _ADDING[resource_asked()]
    with acting_as(lab_acts()):
        for _row in range(given["rows"]):
            add()


KIND = Kind(
    "rows_inserted",
    story="People join, groups are made and events happen between two pages. Where pages are counted off from the "
    "newest row, every one of them pushes a row onto the next page, where it comes a second time.",
    remedy="Recognize records by their key and keep one of each. Ask for the oldest first where that is possible.",
    routes=ROUTES,
    parameters=Parameters(),
    count=1,
    applies=_applies,
    authenticated=_insert,
)
