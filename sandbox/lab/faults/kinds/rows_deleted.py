"""Rows go away while a list is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from sandbox.foundation.actor import acting_as
from sandbox.foundation.database import db
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.lab.faults.listing import ROUTES, goes_on, resource_asked
from sandbox.resources.groups import service as groups
from sandbox.resources.groups.model import Group
from sandbox.resources.users import service as users
from sandbox.resources.users.model import RoleAssignment, User


class Parameters(Schema):
    """How many."""

    rows = fields.Integer(
        load_default=1, validate=validate.Range(1, 100), metadata={"description": "How many go before the page."}
    )


def _first_users(count: int) -> Sequence[str]:
    administrators = select(RoleAssignment.user_id).where(RoleAssignment.role_key == users.ADMINISTRATOR)
    others = select(User.id).where(User.status != "deleted", User.id.not_in(administrators))
    return db.session.scalars(others.order_by(User.id).limit(count)).all()


def _first_groups(count: int) -> Sequence[str]:
    return db.session.scalars(select(Group.id).order_by(Group.id).limit(count)).all()


_REMOVING: dict[str, tuple[Callable[[int], Sequence[str]], Callable[[str], None]]] = {
    "users": (_first_users, users.delete),
    "groups": (_first_groups, groups.delete),
}


def _applies(_: Call, __: Given) -> bool:
    return goes_on() and resource_asked() in _REMOVING


def _remove(_: Call, given: Given) -> None:
    """Take away the first rows of the list, which were on a page before."""
    first, delete = _REMOVING[resource_asked()]
    with acting_as(lab_acts()):
        for identifier in first(given["rows"]):
            delete(identifier)


KIND = Kind(
    "rows_deleted",
    story="Somebody is deleted between two pages. Where rows are counted off, all that follow move up by one, and "
    "the first row of the next page slips onto the one that was read already: it is never shown, and nothing "
    "tells.",
    remedy="Prefer cursors. With offsets and page numbers read the list again until nothing new turns up, and never "
    "delete what is missing from one reading alone.",
    routes=ROUTES,
    parameters=Parameters(),
    count=1,
    applies=_applies,
    authenticated=_remove,
)
