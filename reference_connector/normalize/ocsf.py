"""OCSF 1.8.0 as far as a SaaS vendor's log needs it: classes, objects, enumerations, and what each of them demands.

The facts are those of https://schema.ocsf.io/1.8.0 (the tables are in `ocsf_tables`). What is not listed there, such as
processes, devices and file signatures, cannot be mapped; a test compares the tables with the published schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from reference_connector.normalize import ocsf_tables as tables

VERSION = "1.8.0"
OTHER = 99

PRIMITIVES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "ip": (str,),
    "integer": (int,),
    "timestamp": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "json": (str, int, float, bool, list, dict, type(None)),
}
"""What a plain value is in Python, by its type in OCSF."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute holds: a primitive, an object of that name, or a number with a word (`words`)."""

    type: str
    is_list: bool = False
    words: Mapping[int, str] | None = None

    @property
    def is_object(self) -> bool:
        return self.words is None and self.type not in PRIMITIVES


@dataclass(frozen=True, slots=True)
class ObjectType:
    """An object: its attributes by name, those it must have, and those of which it must have one."""

    name: str
    attributes: Mapping[str, Attribute]
    required: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventClass:
    """A class of events. `shape` is its attributes as an object; `name` also names the file of its events."""

    name: str
    uid: int
    caption: str
    category_uid: int
    category_name: str
    activities: Mapping[int, str]
    shape: ObjectType


def event_class(name: str) -> EventClass | None:
    """Return the class of that name, such as `authentication`; None if it is not known here."""
    return _classes().get(name)


def event_class_by_uid(uid: object) -> EventClass | None:
    """Return the class of that number, such as 3002; None if it is not known here."""
    return next((each for each in _classes().values() if each.uid == uid), None)


def class_names() -> tuple[str, ...]:
    """Return the names of all classes known here."""
    return tuple(_classes())


@cache
def object_type(name: str) -> ObjectType:
    """Return the object of that name; KeyError if there is none."""
    return _shape(name, tables.OBJECTS[name])


def number_of(word: str | int, words: Mapping[int, str]) -> int | None:
    """Return the number of a word of an enumeration (or the number itself), None if it has no such word."""
    if isinstance(word, int):
        return word if word in words else None
    return next((number for number, caption in words.items() if caption == word), None)


def sibling(attribute: str) -> str:
    """Return the attribute that carries the word for an enumeration's number."""
    return "activity_name" if attribute == "activity_id" else attribute.removesuffix("_id")


@cache
def _classes() -> dict[str, EventClass]:
    return {name: _event_class(name, table) for name, table in tables.CLASSES.items()}


def _event_class(name: str, table: tables.ClassTable) -> EventClass:
    uid, caption, activities, own = table
    category_uid = uid // 1000
    everywhere = tables.EVERY_CLASS
    attributes = {**_attributes(everywhere["attributes"]), **_attributes(own["attributes"])}
    required = (*everywhere["required"].split(), *own.get("required", "").split())
    return EventClass(
        name=name,
        uid=uid,
        caption=caption,
        category_uid=category_uid,
        category_name=tables.CATEGORIES[category_uid],
        activities=_words(activities),
        shape=ObjectType(name, attributes, required, tuple(own.get("at_least_one", "").split())),
    )


def _shape(name: str, table: tables.ShapeTable) -> ObjectType:
    return ObjectType(
        name,
        _attributes(table["attributes"]),
        tuple(table.get("required", "").split()),
        tuple(table.get("at_least_one", "").split()),
    )


def _attributes(listed: str) -> dict[str, Attribute]:
    return dict(_attribute(entry) for entry in listed.split())


def _attribute(entry: str) -> tuple[str, Attribute]:
    name, _, kind = entry.partition(":")
    bare = kind.removesuffix("[]") or "string"
    words = _words(tables.ENUMERATIONS[bare]) if bare in tables.ENUMERATIONS else None
    return name, Attribute(bare, kind.endswith("[]"), words)


def _words(listed: str) -> dict[int, str]:
    """Return words by number: as many as are listed, from 0, and Other; a word may bring its own number."""
    words: dict[int, str] = {}
    for entry in listed.split(", "):
        number, _, word = entry.rpartition("=")
        words[int(number) if number else len(words)] = word
    return words | {OTHER: "Other"}
