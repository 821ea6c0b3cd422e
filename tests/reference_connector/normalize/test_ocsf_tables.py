"""The tables of OCSF agree with the published schema, name by name."""

from __future__ import annotations

from typing import Any

import pytest

from reference_connector.normalize import ocsf, ocsf_tables
from tests.reference_connector.normalize.judge import SCHEMA

_JSON_TYPES = {
    "string": "string",
    "ip": "string",
    "integer": "integer",
    "timestamp": "integer",
    "number": "number",
    "boolean": "boolean",
}
# Required by https://schema.ocsf.io/1.8.0; the compiled schema leaves what profiles may bring to the profiles.
_STRICTER_HERE = {"api_activity": {"actor", "api"}, "file_hosting": {"actor"}}


def published_class(name: str) -> dict[str, Any]:
    event_class = ocsf.event_class(name)
    assert event_class is not None
    schema: dict[str, Any] = SCHEMA["classes"][str(event_class.uid)]
    return schema


def agrees(attribute: ocsf.Attribute, published: dict[str, Any]) -> bool:
    if attribute.is_list:
        return published["type"] == "array" and agrees(ocsf.Attribute(attribute.type), published.get("items", {}))
    if attribute.words is not None:
        return set(published["enum"]) == set(attribute.words)
    if attribute.is_object:
        return bool(published["$ref"] == f"#/definitions/{attribute.type}")
    if attribute.type == "json":
        return published.get("type") in (None, "object")
    return published.get("type") in (None, _JSON_TYPES[attribute.type])


def disagreeing(shape: ocsf.ObjectType, published: dict[str, Any]) -> list[str]:
    return [name for name, attribute in shape.attributes.items() if not agrees(attribute, published[name])]


@pytest.mark.parametrize("name", ocsf_tables.OBJECTS)
def test_attributes_of_an_object_are_the_published_ones(name: str) -> None:
    assert disagreeing(ocsf.object_type(name), SCHEMA["definitions"][name]["properties"]) == []


@pytest.mark.parametrize("name", ocsf.class_names())
def test_attributes_of_a_class_are_the_published_ones(name: str) -> None:
    event_class = ocsf.event_class(name)
    assert event_class is not None
    assert disagreeing(event_class.shape, published_class(name)["properties"]) == []


@pytest.mark.parametrize("name", ocsf_tables.OBJECTS)
def test_object_demands_what_is_published(name: str) -> None:
    ours, published = ocsf.object_type(name), SCHEMA["definitions"][name]
    choices = {choice["required"][0] for choice in published.get("anyOf", [])}
    assert set(ours.required) == set(published["required"])
    assert set(ours.at_least_one) == choices & set(ours.attributes)
    assert bool(ours.at_least_one) == bool(choices)


@pytest.mark.parametrize("name", ocsf.class_names())
def test_class_demands_what_is_published(name: str) -> None:
    event_class, published = ocsf.event_class(name), published_class(name)
    assert event_class is not None
    assert set(event_class.shape.required) == set(published["required"]) | _STRICTER_HERE.get(name, set())
    assert set(event_class.shape.at_least_one) == {each["required"][0] for each in published.get("anyOf", [])}


@pytest.mark.parametrize("name", ocsf.class_names())
def test_class_has_the_published_numbers(name: str) -> None:
    event_class, properties = ocsf.event_class(name), published_class(name)["properties"]
    assert event_class is not None
    assert set(event_class.activities) == set(properties["activity_id"]["enum"])
    assert properties["category_uid"]["enum"] == [event_class.category_uid]
    assert {event_class.uid * 100 + activity for activity in event_class.activities} == set(
        properties["type_uid"]["enum"]
    )
