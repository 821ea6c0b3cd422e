"""The shape of a mapping file: what is refused, at which document path."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from reference_connector.manifest.normalization import NormalizationFileSchema, Object, Source, StreamMapping
from reference_connector.manifest.record_path import Pick


def a_file(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "stream": "events",
        "select": "kind",
        "events": [{"class": "authentication", "activity": {"in": "Logon"}}],
    }
    return {**content, **changes}


def load(content: dict[str, Any]) -> StreamMapping:
    loaded: StreamMapping = NormalizationFileSchema().load(content)
    return loaded


def places(messages: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(messages, dict):
        return [found for key, inner in messages.items() for found in places(inner, (*path, key))]
    return [path]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("id", ("id",)),
        ("source.geo.city", ("source", "geo", "city")),
        ("changes[0].new", ("changes", Pick("", 0), "new")),
        ("targets[type=user].id", ("targets", Pick("type", "user"), "id")),
        ("targets[1]", ("targets", Pick("", 1))),
    ],
)
def test_path_is_read(text: str, path: tuple[Any, ...]) -> None:
    source = load(a_file(attributes={"user.uid": {"from": text}})).attributes["user.uid"]
    assert isinstance(source, Source)
    assert source.paths == (path,)


@pytest.mark.parametrize(
    "text", ["", ".", "a..b", "a.", "a[", "a[]", "a[x]", "a[type=]", "a[0]b", "a b", "a[0][1]", "a['b']", "1a", 7, None]
)
def test_what_is_no_path_is_refused(text: object) -> None:
    with pytest.raises(ValidationError) as refused:
        load(a_file(attributes={"user.uid": {"from": text}}))
    assert places(refused.value.messages) == [("attributes", "user.uid", "from")]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"atributes": {}}, ("atributes",)),
        ({"attributes": []}, ("attributes",)),
        ({"attributes": {"User": 1}}, ("attributes", "User")),
        ({"attributes": {"user": {"uid": {"from": "id"}}}}, ("attributes", "user")),
        (
            {"attributes": {"user": {"attributes": {"uid": {"form": "id"}}}}},
            ("attributes", "user", "attributes", "uid"),
        ),
        ({"attributes": {"a": {"from": []}}}, ("attributes", "a", "from")),
        ({"attributes": {"a": {"from": ["id", "a["]}}}, ("attributes", "a", "from", 1)),
        ({"attributes": {"a": {"from": "id", "as": "hours"}}}, ("attributes", "a", "as")),
        ({"attributes": {"a": {"from": "id", "as": "text", "table": "t"}}}, ("attributes", "a", "_schema")),
        ({"attributes": {"a": {"from": "id", "when": {"b": "c"}}}}, ("attributes", "a", "when", "b")),
        ({"attributes": {"a": {"from": "id", "when": {"b[": ["c"]}}}}, ("attributes", "a", "when")),
        ({"attributes": {"a": {"from": "id", "else": {"b": 1}}}}, ("attributes", "a", "_schema")),
        ({"attributes": {"a": {"items": [{"from": "id"}, {}]}}}, ("attributes", "a", "items", 1)),
        ({"attributes": {"a": {"each": "x"}}}, ("attributes", "a", "attributes")),
        ({"attributes": {"a": [{"b": 1}]}}, ("attributes", "a")),
        ({"select": None}, ("events",)),
        ({"events": []}, ("events",)),
        ({"events": [{"class": "authentication", "activity": "Logon"}]}, ("events", 0, "activity")),
        ({"events": [{"class": "authentication", "activity": {"in": 1}}]}, ("events", 0, "activity", "in")),
        ({"events": [{"class": "a", "activity": {"in": {"from": "x"}}}]}, ("events", 0, "activity", "in")),
        ({"otherwise": {"class": "api_activity", "activity": "Read"}}, ("otherwise", "activity")),
    ],
)
def test_mistake_is_refused_at_its_place(changes: dict[str, Any], place: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        load(a_file(**changes))
    assert places(refused.value.messages) == [place]


def test_value_mapped_twice_is_refused() -> None:
    events = [{"class": "a", "activity": {"in": "Logon"}}, {"class": "b", "activity": {"in": "Logon"}}]
    with pytest.raises(ValidationError, match="in is mapped already"):
        load(a_file(events=events))


def test_several_kinds_of_event_need_something_that_tells_them_apart() -> None:
    content = a_file(events=[{"class": "a", "activity": "Log"}, {"class": "b", "activity": "Log"}])
    del content["select"]
    with pytest.raises(ValidationError, match="select is missing"):
        load(content)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        load(a_file(attributes={"a": {"from": "["}, "b": {"from": "["}}))
    assert len(places(refused.value.messages)) == 2


def test_extension_keys_are_left_alone() -> None:
    loaded = load(a_file(**{"x-owner": "somebody", "attributes": {"user": {"attributes": {"uid": "u"}, "x-note": 1}}}))
    assert isinstance(loaded.attributes["user"], Object)
