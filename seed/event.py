"""The shape of an audit event on the wire, as typed dictionaries.

Every key is always present; what is empty is null. `integrity` is absent here: only the log that stores the event can
give it a sequence number and a hash. The only floats are latitude and longitude.
"""

from functools import cache
from typing import Any, TypedDict

_CATEGORIES = {
    "auth": "authentication",
    "session": "session",
    "user": "identity",
    "password": "identity",
    "group": "group",
    "oauth": "oauth",
    "app": "oauth",
    "config": "configuration",
    "file": "file",
    "export": "export",
    "access": "access",
    "api": "access",
}


@cache
def category(action: str) -> str:
    """Answer the category of an action, which follows from its first word."""
    return _CATEGORIES[action.partition(".")[0]]


class Outcome(TypedDict):
    """`result` is success, failure or denied."""

    result: str
    reason: str | None


class Actor(TypedDict):
    """`type` is user, client, system or service."""

    type: str
    id: str | None
    email: str | None
    name: str | None


class Client(TypedDict):
    """The OAuth client that acted."""

    id: str
    name: str


class Geo(TypedDict):
    """Where an address is: ISO 3166 codes, degrees with at most four decimals."""

    country: str
    region: str
    city: str
    latitude: float
    longitude: float


class Autonomous(TypedDict):
    """The autonomous system that announces an address."""

    number: int
    organization: str


# `as` is a keyword, so this one cannot be written as a class.
Source = TypedDict(
    "Source",
    {
        "ip": str | None,
        "user_agent": str | None,
        "channel": str,
        "geo": Geo | None,
        "as": Autonomous | None,
    },
)


class Target(TypedDict):
    """What was acted upon."""

    type: str
    id: str
    name: str | None


class Change(TypedDict):
    """One field that changed."""

    field: str
    old: Any
    new: Any


class Event(TypedDict):
    """One audit event."""

    id: str
    occurred_at: str
    ingested_at: str
    action: str
    category: str
    outcome: Outcome
    actor: Actor
    impersonator: Actor | None
    client: Client | None
    session_id: str | None
    source: Source
    targets: list[Target]
    changes: list[Change]
    request_id: str | None
    details: dict[str, Any]


Line = tuple[bytes, int, int, str, str, str | None]
"""One audit event as text, and what a log indexes: its RFC 8785 JSON, when it happened and when it became visible
(milliseconds since 1970), its action, its result and the id of its actor."""
