"""What is listed in every style: people, groups and audit events, by key or by moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from sandbox.dialects.event_ticks import EventTicks
from sandbox.http.moments import BoundField
from sandbox.http.pagination.keyset import Keyset
from sandbox.http.pagination.style import Pageable
from sandbox.http.pagination.ticks import Ticks
from sandbox.resources.audit_events import service as audit_events
from sandbox.resources.audit_events.schema import EventFilters, EventSchema
from sandbox.resources.groups import service as groups
from sandbox.resources.groups.model import Group
from sandbox.resources.groups.schema import GroupFilters, GroupSchema
from sandbox.resources.users import service as users
from sandbox.resources.users.model import User
from sandbox.resources.users.schema import UserFilters, UserSchema


class Moments(Schema):
    """The bounds of a list that is read by moments."""

    since = BoundField(metadata={"description": "At or after this moment: the last stamp that was seen."})
    until = BoundField(metadata={"description": "Before this moment."})


class UsersByMoment(Moments, UserFilters):
    """What people can be searched by, in the order in which they were added."""


class GroupsByMoment(Moments, GroupFilters):
    """What groups can be searched by, in the order in which they were added."""


class EventsInOrder(EventFilters):
    """What the log can be asked for; oldest first unless it is asked otherwise."""

    order = fields.String(load_default="asc", validate=validate.OneOf(["asc", "desc"]))


class EventsByMoment(Moments, EventFilters):
    """What events can be searched by; the moments are those at which they became visible."""

    class Meta:
        """Without the other bounds, and always oldest first."""

        exclude = ("ingested_since", "ingested_until", "order")


@dataclass(frozen=True, slots=True)
class Source:
    """A list with its scope and the schemas of its rows and filters.

    `by_key` pages by a key that never changes, `by_moment` by the stamp that `stamp` names.
    """

    name: str
    scope: str
    schema: Schema
    filters: Schema
    by_key: Callable[..., Pageable]
    filters_by_moment: Schema
    by_moment: Callable[..., Pageable]
    stamp: str


def _users(**filters: Any) -> Pageable:
    return Keyset(users.search(**filters), User.id, users.present, users.COLUMNS)


def _users_by_moment(*, since: datetime | None = None, until: datetime | None = None, **filters: Any) -> Pageable:
    return Ticks(users.search(**filters), User.created_at, User.id, since, until, users.present)


def _groups(**filters: Any) -> Pageable:
    return Keyset(groups.search(**filters), Group.id, groups.present)


def _groups_by_moment(*, since: datetime | None = None, until: datetime | None = None, **filters: Any) -> Pageable:
    return Ticks(groups.search(**filters), Group.created_at, Group.id, since, until, groups.present)


def _events_by_moment(*, since: datetime | None = None, until: datetime | None = None, **filters: Any) -> Pageable:
    return EventTicks(filters, since, until)


SOURCES = (
    Source(
        "users",
        "users:read",
        UserSchema(),
        UserFilters(),
        _users,
        UsersByMoment(),
        _users_by_moment,
        "created_at",
    ),
    Source(
        "groups",
        "groups:read",
        GroupSchema(),
        GroupFilters(),
        _groups,
        GroupsByMoment(),
        _groups_by_moment,
        "created_at",
    ),
    Source(
        "audit-events",
        "audit:read",
        EventSchema(),
        EventsInOrder(),
        audit_events.search,
        EventsByMoment(),
        _events_by_moment,
        "ingested_at",
    ),
)
