"""Whether the conditions of a query hold for a record, at a moment of the vendor's time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from reference_connector.manifest.datetimes import parse_moment
from reference_connector.manifest.posture_query import Condition

Record = Mapping[str, Any]


def holds(conditions: Sequence[Condition], record: Record, now: datetime) -> bool:
    """Return whether all conditions hold for a record; a path that leads nowhere reads as null."""
    return all(
        _MATCHERS[condition.matcher](reach(record, condition.path), condition.operand, now) for condition in conditions
    )


def reach(record: Record, path: Sequence[str]) -> Any:
    """Return what stands at a path, or None."""
    value: Any = record
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def is_same(value: object, wanted: object) -> bool:
    """Compare as JSON does: to Python, true equals 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def contains(value: object, wanted: object) -> bool:
    """Return whether a list has an item."""
    return isinstance(value, list | tuple) and any(is_same(item, wanted) for item in value)


def contains_none(value: object, unwanted: Sequence[object]) -> bool:
    """Return whether a list has none of some items; what is no list says nothing of the kind."""
    return isinstance(value, list) and not any(contains(value, item) for item in unwanted)


def _is_within(value: object, span: timedelta, now: datetime) -> bool:
    """Return whether a moment lies in the last so and so long; never does not, nor does what is no moment."""
    if not isinstance(value, str):
        return False
    try:
        return parse_moment(value) >= now - span
    except ValueError:
        return False


_MATCHERS: dict[str, Callable[[Any, Any, datetime], bool]] = {
    "equals": lambda value, wanted, _: is_same(value, wanted),
    "contains": lambda value, wanted, _: contains(value, wanted),
    "contains_none": lambda value, unwanted, _: contains_none(value, unwanted),
    "one_of": lambda value, wanted, _: contains(wanted, value),
    "not_one_of": lambda value, unwanted, _: not contains(unwanted, value),
    "within": _is_within,
    "older_than": lambda value, span, now: not _is_within(value, span, now),
}
