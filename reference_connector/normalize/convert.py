"""What is done with single values while records are read; `writer` puts calls to these into the mapper it writes.

Each takes the OCSF path of the attribute, so that a value of the wrong kind is refused with the place it was meant for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Never

from reference_connector.normalize.validate import InvalidEvent

EMPTY: dict[str, Any] = {}
SCALARS = frozenset({str, int, float, bool})

_SHOWN = 60


def milliseconds(value: object, path: str) -> int:
    """Return an RFC 3339 date-time as milliseconds since 1970."""
    if type(value) is not str:
        wrong(value, path, "a date-time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        wrong(value, path, "a date-time")
    if moment.tzinfo is None:
        wrong(value, path, "a date-time with its offset")
    return round(moment.timestamp() * 1000)


def words(value: object, path: str) -> list[str]:
    """Return the words of a text that are separated by blanks, such as the scopes of RFC 6749 §3.3."""
    if type(value) is not str:
        wrong(value, path, "text")
    return value.split()


def text(value: object, path: str) -> str:
    """Return a number, a truth value or text as text."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    # Whether an integer beyond 64 bits is one depends on who decodes it, so it is left to whoever decodes the record whole.
    if type(value) not in (int, float) or (type(value) is int and value.bit_length() > 64):
        wrong(value, path, "a single value")
    return str(value)


def strings(value: object, path: str) -> list[str]:
    """Return the value if it is a list of texts."""
    if type(value) is not list or any(type(each) is not str for each in value):
        wrong(value, path, "a list of texts")
    return value


def no_object(value: object, path: str) -> dict[str, Any]:
    """Return an empty object for one that is absent; anything else than an object is refused."""
    if value is not None:
        wrong(value, path, "an object")
    return EMPTY


def no_list(value: object, path: str) -> list[Any]:
    """Return an empty list for one that is absent; anything else than a list is refused."""
    if value is not None:
        wrong(value, path, "a list")
    return []


def picked(values: list[Any], key: str, wanted: str) -> dict[str, Any]:
    """Return the first object whose `key` is what is wanted, or an empty one."""
    for value in values:
        if type(value) is dict and value.get(key) == wanted:
            return value
    return EMPTY


def at(values: list[Any], index: int) -> Any:
    """Return the element at a position, None if there are not so many."""
    return values[index] if index < len(values) else None


def missing(path: str) -> Never:
    """Refuse a record that lacks what OCSF requires at this path."""
    raise InvalidEvent(path, "is required, and the record has nothing for it")


def wrong(value: object, path: str, expected: str) -> Never:
    """Refuse a value."""
    shown = repr(value)
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}…"
    raise InvalidEvent(path, f"must be {expected}, not {shown}")
