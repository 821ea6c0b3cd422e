"""A page taken apart holds what the same page holds when it is decoded whole, or is not taken apart at all."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.sync.records import RawRecords, take_apart

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def whole(value: Any) -> Any:
    """Return a body that was taken apart with its records decoded."""
    if isinstance(value, RawRecords):
        return list(value)
    return {key: whole(each) for key, each in value.items()} if isinstance(value, dict) else value


@given(
    records=st.lists(VALUES, max_size=4),
    others=st.dictionaries(st.text(max_size=6).filter(lambda key: key != "data"), VALUES, max_size=3),
    is_ascii=st.booleans(),
    separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,", "\t:")]),
)
def test_page_taken_apart_holds_what_the_standard_library_reads(
    records: list[Any], others: dict[str, Any], separators: tuple[str, str], *, is_ascii: bool
) -> None:
    body = json.dumps({**others, "data": records}, ensure_ascii=is_ascii, separators=separators)
    body = body.encode(errors="surrogatepass").decode(errors="replace")
    apart = take_apart(body.encode(), ["data"])
    assert whole(apart) == json.loads(body)
    assert [json.loads(line) for line in apart["data"].lines] == json.loads(body)["data"]
    assert not any(mark in line for line in apart["data"].lines for mark in (b"\n", b"\r"))


@pytest.mark.parametrize(("path", "body"), [((), b"[{},1]"), (("a", "b"), b'{"x":1,"a":{"b":[{},1],"c":2}}')])
def test_records_are_found_where_the_manifest_says(path: tuple[str, ...], body: bytes) -> None:
    apart = take_apart(body, path)
    assert whole(apart) == orjson.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"data":{}}',
        b'{"data":null}',
        b'{"data":[{"id"',
        b'{"data":[1,]}',
        b'{"data":[1]} x',
        b'{"data":["\xff"]}',
        b'{"data":["\xed\xa0\x80"]}',
        b'{"data":[],"page":"\xff"}',
        b'{"data":["\\ud800"]}',
        b'{"data":["\x01"]}',
        b'{"data":[NaN]}',
        b'{"data":[],"page":1e999}',
        b'{"data":[' + b"[" * 5000 + b"]" * 5000 + b"]}",
        b'{"data":[{\n"id": 1}]}',
        b'{"data":[{"id": 1,\r"a": 2}]}',
    ],
)
def test_page_with_anything_odd_about_it_is_left_to_be_decoded_whole(body: bytes) -> None:
    assert take_apart(body, ["data"]) is None


def test_line_breaks_around_the_records_do_no_harm() -> None:
    apart = take_apart(b'{"data":[{"id":1},\r\n{"id":2}],\n"page":{}}\n', ["data"])
    assert apart["data"].lines == [b'{"id":1}', b'{"id":2}']


def test_records_are_as_the_vendor_wrote_them() -> None:
    line = b'{"id": 1, "id": 2, "name": "\\u00e4\\/", "size": 1.50e1}'
    records = take_apart(b'{"data":[%s, %s]}' % (line, line), ["data"])["data"]
    assert records.lines == [line, line]
    assert (len(records), records[-1], records[:1]) == (2, orjson.loads(line), [orjson.loads(line)])
