"""A page that is only glanced at comes to what it comes to when it is decoded whole, record by record."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.errors import TryLater
from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.normalize.mapper import compile_mapping
from reference_connector.sync.dedupe import Seen
from reference_connector.sync.intake import Intake, Taken
from reference_connector.sync.records import RawRecords, take_apart
from seed import plan
from tests.reference_connector.vendor import START, an_event


@cache
def the_manifest() -> Manifest:
    return load(Path(__file__).parents[3] / "manifests" / "sandbox")


def an_intake(*known: str) -> Intake:
    seen = Seen()
    seen.add(known, None)
    return Intake(the_manifest().stream("audit_events"), compile_mapping(the_manifest(), "audit_events"), seen)


def told(taken: Taken) -> dict[str, Any]:
    """Return everything that became of a page."""
    return {name: getattr(taken, name) for name in Taken.__slots__}


def both(records: list[Any], *known: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what becomes of the records of a page that is taken apart, and of the same page decoded whole."""
    lines = list(map(orjson.dumps, records))
    return told(an_intake(*known).take(RawRecords(lines))), told(an_intake(*known).take(list(map(orjson.loads, lines))))


def events(count: int) -> list[dict[str, Any]]:
    return [an_event(number, START + timedelta(seconds=number)) for number in range(count)]


def test_every_event_of_a_company_is_the_same_at_a_glance_and_whole() -> None:
    """The standard library reads the page for the comparison; the lines in `raw/` are the vendor's own bytes."""
    records = list(plan("mini", 7).events())
    written = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
    page = take_apart(f'{{"data":[{",".join(written)}],"page":{{}}}}'.encode(), ["data"])["data"]
    glanced, whole = an_intake().take(page), an_intake().take(json.loads(f"[{','.join(written)}]"))
    assert [line.decode() for line in glanced.batch.raw] == written
    assert told(glanced) == told(whole)
    assert glanced.new > 1_000


def test_usual_page_is_never_decoded_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RawRecords, "__getitem__", None)
    assert an_intake().take(RawRecords(list(map(orjson.dumps, events(3))))).new == 3


PARTS = [
    ("id", None), ("id", 7), ("id", 7.5), ("id", 2**64 - 1), ("id", True), ("id", {}), ("id", "evt_" + "0" * 25 + "1"),
    ("ingested_at", None), ("ingested_at", 5), ("ingested_at", "yesterday"), ("ingested_at", "2026-09-01T00:00:00Z"),
    ("action", None), ("action", 5), ("action", ["file.viewed"]), ("action", {}), ("action", "door.opened"),
    ("occurred_at", "now"), ("occurred_at", 5), ("actor", None), ("actor", "Ann"), ("actor", [1]), ("client", "x"),
    ("source", {"ip": "300.1.1.1"}), ("source", {"ip": 5}), ("source", None), ("targets", "x"), ("targets", ["x"]),
    ("details", []), ("details", {"token_id": 5}), ("integrity", {"sequence": 2**63}), ("integrity", {"sequence": "1"}),
    ("session_id", 5), ("outcome", {"result": ["x"]}), ("outcome", []),
]  # fmt: skip


@pytest.mark.parametrize(("member", "value"), PARTS)
def test_odd_record_among_others_fares_alike(member: str, value: Any) -> None:
    records = events(5)
    records[2] = {**records[2], member: value}
    glanced, whole = both(records, records[4]["id"])
    assert glanced == whole


@pytest.mark.parametrize("odd", [None, 5, "text", [], [{}], {}, {"id": "a"}])
def test_what_is_no_record_is_set_aside_alike(odd: Any) -> None:
    glanced, whole = both([*events(2), odd, odd])
    assert glanced == whole
    assert len(whole["batch"].quarantined) == 1


SCALARS = st.none() | st.booleans() | st.integers(-5, 2**64 - 1) | st.text(max_size=5) | st.floats(-1e9, 1e9)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in places(each, (*path, key)))]


@st.composite
def damaged_pages(draw: st.DrawFn) -> list[Any]:
    """Pages in which up to three values, at any depth, were replaced by something else."""
    page: list[Any] = events(3)
    for _ in range(draw(st.integers(0, 3))):
        *outer, last = draw(st.sampled_from(places(page)[1:]))
        at: Any = page
        for step in outer:
            at = at[step]
        at[last] = copy.deepcopy(draw(SCALARS | st.lists(SCALARS, max_size=2) | st.just({})))
    return page


@given(damaged_pages())
def test_damaged_page_comes_to_the_same_at_a_glance_and_whole(page: list[Any]) -> None:
    glanced, whole = both(page)
    assert glanced == whole


def test_number_that_nobody_can_read_is_refused_where_it_is_read() -> None:
    """RFC 8259 §6 lets numbers be as large as they like; a reader has limits."""
    line = orjson.dumps(events(1)[0]).replace(b'"sequence":0', b'"sequence":1e999')
    with pytest.raises(TryLater) as refused:
        an_intake().take(RawRecords([line]))
    assert refused.value.code == "malformed-body"
    unread = orjson.dumps(events(1)[0]).replace(b'"category":"authentication"', b'"category":1e999')
    assert an_intake().take(RawRecords([unread])).batch.raw == [unread]


def test_key_beyond_64_bits_is_none() -> None:
    line = orjson.dumps(events(1)[0]).replace(b'"evt_00000000000000000000000000"', b"18446744073709551616")
    taken = an_intake().take(RawRecords([line]))
    assert (taken.new, b"id is missing or not a key" in taken.batch.quarantined[0]) == (0, True)
