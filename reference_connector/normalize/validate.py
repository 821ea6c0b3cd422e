"""Whether an event is valid OCSF 1.8.0, and if not, which path is wrong and why.

The mapper checks at load what it can and at run time only what the record decides; this is the whole judgement, for
tests, for `connector normalize --validate full` and for events from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reference_connector.normalize import ocsf


class InvalidEvent(ValueError):
    """A record whose event would not be valid OCSF: the attribute's path, and what is wrong with it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def validate(event: Mapping[str, Any]) -> list[InvalidEvent]:
    """Return everything that is wrong with an event; nothing if it is valid."""
    event_class = ocsf.event_class_by_uid(event.get("class_uid"))
    if event_class is None:
        return [InvalidEvent("class_uid", f"{event.get('class_uid')!r} is no class that is known here")]
    return [*_numbers(event, event_class), *_object(event, event_class.shape, "")]


def _numbers(event: Mapping[str, Any], event_class: ocsf.EventClass) -> Iterator[InvalidEvent]:
    """Yield where the numbers of category, activity and type do not fit the class."""
    activity = event.get("activity_id")
    if type(activity) is not int or activity not in event_class.activities:
        yield InvalidEvent("activity_id", f"{activity!r} is no activity of {event_class.name}")
        return
    expected = {"category_uid": event_class.category_uid, "type_uid": event_class.uid * 100 + activity}
    for name, number in expected.items():
        if event.get(name) != number:
            yield InvalidEvent(name, f"must be {number}, not {event.get(name)!r}")


def _object(value: Mapping[str, Any], shape: ocsf.ObjectType, path: str) -> Iterator[InvalidEvent]:
    prefix = f"{path}." if path else ""
    for name in shape.required:
        if name not in value:
            yield InvalidEvent(prefix + name, "is required")
    if shape.at_least_one and not any(name in value for name in shape.at_least_one):
        yield InvalidEvent(path or shape.name, f"needs at least one of {', '.join(shape.at_least_one)}")
    for name, content in value.items():
        attribute = shape.attributes.get(name)
        if attribute is None:
            yield InvalidEvent(prefix + name, f"is no attribute of {shape.name}")
        else:
            yield from _attribute(content, attribute, prefix + name)


def _attribute(value: object, attribute: ocsf.Attribute, path: str) -> Iterator[InvalidEvent]:
    if not attribute.is_list:
        yield from _one(value, attribute, path)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _one(element, attribute, f"{path}[{index}]")
    else:
        yield InvalidEvent(path, f"must be a list, not {type(value).__name__}")


def _one(value: object, attribute: ocsf.Attribute, path: str) -> Iterator[InvalidEvent]:
    if attribute.words is not None:
        if type(value) is not int or value not in attribute.words:
            yield InvalidEvent(path, f"{value!r} is not in the enumeration {attribute.type}")
    elif attribute.is_object:
        if isinstance(value, Mapping):
            yield from _object(value, ocsf.object_type(attribute.type), path)
        else:
            yield InvalidEvent(path, f"must be an object, not {type(value).__name__}")
    elif attribute.type != "json" and type(value) not in ocsf.PRIMITIVES[attribute.type]:
        yield InvalidEvent(path, f"must be of type {attribute.type}, not {type(value).__name__}")
