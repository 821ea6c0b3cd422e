"""What a glance at a record shows, and that an event made from it is the event of the whole record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from reference_connector.manifest.record_path import parse_path
from reference_connector.normalize.glance import Form, Glance, attribute, glance
from reference_connector.normalize.mapper import Mapper
from reference_connector.normalize.validate import InvalidEvent
from tests.reference_connector.normalize.builders import a_mapper, a_record, with_user


def a_glance(*paths: str, decoded: tuple[str, ...] = ()) -> Glance:
    return glance(map(parse_path, paths), decoded)


def both_ways(mapper: Mapper, line: bytes) -> tuple[Any, Any]:
    """Return the event of a record, or why it is refused: at a glance, and whole."""
    glanced = mapper.at_a_glance(mapper.glance.decoder("id")(line), line)
    event = mapper.judged(orjson.loads(line), line)
    told: list[Any] = [str(each) if isinstance(each, InvalidEvent) else each for each in (glanced, event)]
    return told[0], told[1]


def test_object_of_which_much_is_read_stays_json() -> None:
    seen = a_glance("who.id", "who.name", "who.mail", "who.home.city", "client.id", "client.name", "id")
    assert seen.members == {"who": Form.JSON, "client": {"id": Form.DECODED, "name": Form.DECODED}, "id": Form.DECODED}


def test_object_that_is_read_whole_is_decoded_whatever_else_is_read_of_it() -> None:
    seen = a_glance("a", "a.b", "a.c", "a.d", "a.e", "list[0].x", "list[k=v].y", "chosen.by", decoded=("chosen",))
    assert seen.members == {"a": Form.DECODED, "list": Form.DECODED, "chosen": Form.DECODED}
    assert seen.shape(parse_path("a.b.c")) is Form.DECODED


def test_glance_decodes_what_is_read_and_nothing_else() -> None:
    decode = a_glance("a.b", "c", "d.x-e").decoder("key")
    seen = decode(b'{"zzz":[{}],"a":{"b":[1],"n":2},"c":null,"key":"k","d":{"x-e":5}}')
    assert (seen.a.b, seen.c, seen.key, getattr(seen.d, attribute("x-e"))) == ([1], None, "k", 5)
    assert decode(b"{}").a is None


@pytest.mark.parametrize("record", [b"5", b"[]", b'{"a":5}', b'{"a":[]}', b'{"a":{"b":1e999}}', b'{"a":{"b":"\xff"}}'])
def test_glance_makes_no_sense_of_another_shape(record: bytes) -> None:
    decode = a_glance("a.b").decoder()
    with pytest.raises((ValueError, RecursionError)):
        decode(record)


@pytest.mark.parametrize("member", ["id", "class", "__init__", "x_1", "a-b", "größe", "", "_", "a.b", "def"])
def test_attribute_has_a_name_that_python_takes(member: str) -> None:
    name = attribute(member)
    assert name.isidentifier()
    seen = Glance({member: Form.DECODED}).decoder()(orjson.dumps({member: 7}))
    assert getattr(seen, name) == 7


MAPPING = with_user(
    "user.full_name: { from: person.name }",
    "user.uid_alt: { from: person.size, as: text }",
    "actor.user: { when: { kind: [x, null] }, attributes: { uid: { from: by.id }, name: { from: by.name }, "
    "email_addr: { from: by.mail }, full_name: { from: by.home.street } } }",
    "user.groups: { each: teams.list, attributes: { uid: { from: id }, name: { from: boss.name } } }",
    "unmapped.rest: { from: rest, without: [id] }",
    "unmapped.size: { from: size }",
    "unmapped.by: { from: by.home }",
)

BY = {"id": "u2", "name": "Bo", "mail": "bo@x.example", "home": {"street": "Main"}}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"person": {"name": 'Ä\n"\\ 😀', "size": 1}, "by": BY},
        {"person": None, "by": None, "teams": None, "rest": None, "kind": None},
        {"person": {}, "by": {}, "teams": {}, "rest": {}},
        {"by": {**BY, "home": None}},
        {"by": {**BY, "home": "Berlin"}},
        {"by": {**BY, "name": 5}},
        {"by": [BY]},
        {"by": "Bo"},
        {"person": "Ada"},
        {"person": {"name": ["Ada"]}},
        {"person": {"name": "Ada", "size": 12.50}},
        {"teams": {"list": [{"id": "g", "boss": {"name": "Cy"}}, {}, {"id": None}]}},
        {"teams": {"list": ["g"]}},
        {"teams": [1]},
        {"rest": {"id": 1, "big": [2**64 - 1, -(2**63), 1e16, 5e-324, True]}, "size": -0.0},
        {"kind": "x", "by": BY},
        {"kind": "y", "by": BY},
        {"at": 5},
        {"id": 5},
        {"id": None},
    ],
)
def test_event_at_a_glance_is_the_event_of_the_whole_record(tmp_path: Path, values: dict[str, Any]) -> None:
    mapper = a_mapper(tmp_path, MAPPING)
    line = orjson.dumps(a_record(**values))
    try:
        glanced, whole = both_ways(mapper, line)
    except ValueError:
        assert any(isinstance(values.get(name), str | list) for name in ("person", "teams"))
        return
    assert glanced == whole
    assert both_ways(mapper, line) == (glanced, whole)


@pytest.mark.parametrize(
    ("member", "json"),
    [
        ("size", "123456789012345678901234567890"),
        ("rest", '{"a":123456789012345678901234567890}'),
        ("rest", '{"a":1E2,"b":"\\u00e4\\/","a":-0}'),
        ("person", '{"size":18446744073709551616,"name":"a"}'),
        ("by", '{"id":"a","name":"b","id":"\\u0063"}'),
        ("by", ' { "id" : "a" , "home" : 123456789012345678901234567890 } '),
    ],
)
def test_json_is_read_the_same_way_however_it_is_written(tmp_path: Path, member: str, json: str) -> None:
    line = b'{"at":"2026-08-03T09:00:00.250Z","%s":%s,"id":"u1"}' % (member.encode(), json.encode())
    glanced, whole = both_ways(a_mapper(tmp_path, MAPPING), line)
    assert glanced == whole
