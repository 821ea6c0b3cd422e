"""The log as a stream of lines: the same events as page by page, and a cut that cannot be missed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from sandbox.foundation.clock import to_wire
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import Tenant
from sandbox.http.pagination import lines
from sandbox.resources.audit_events import service
from sandbox.resources.audit_events.storage import LIVE
from tests.sandbox.resources.audit_events.conftest import START, as_intruder

Fill = Callable[[int, int], None]
Stream = Callable[..., TestResponse]
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture
def stream(client: FlaskClient, anything: dict[str, str]) -> Stream:
    def ask(headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        return client.get("/v1/audit-events", query_string=query, headers={**anything, **LINES, **(headers or {})})

    return ask


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINES_AT_ONCE", 4)


def rows(answer: TestResponse) -> list[Any]:
    text = answer.get_data()
    assert text == b"" or text.endswith(b"\n")
    return [json.loads(line) for line in text.splitlines()]


QUERIES: list[dict[str, Any]] = [
    {"order": "asc"},
    {"order": "desc"},
    {},
    {"order": "asc", "action": "file.viewed"},
    {"order": "desc", "outcome": "failure", "actor_id": "usr_1"},
    {"order": "asc", "since": to_wire(START + timedelta(minutes=5)), "until": to_wire(START + timedelta(minutes=20))},
    {"order": "asc", "ingested_since": to_wire(START + timedelta(minutes=8))},
    {"order": "asc", "ingested_until": to_wire(START)},
]


@pytest.mark.storage
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.usefixtures("few_at_once")
def test_stream_brings_what_pages_bring(
    client: FlaskClient, anything: dict[str, str], fill: Fill, stream: Stream, query: dict[str, Any]
) -> None:
    fill(25, 7)
    page = client.get("/v1/audit-events", query_string={**query, "limit": 1000}, headers=anything).get_json()
    answer = stream(**query)
    assert answer.mimetype == "application/x-ndjson"
    assert rows(answer) == page["data"]
    assert int(answer.headers["X-Line-Count"]) == len(page["data"])
    assert ("X-Next-Cursor" in answer.headers) == (page["page"]["next_cursor"] is not None)


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_streams_and_pages_go_on_from_each_others_cursors(
    client: FlaskClient, anything: dict[str, str], fill: Fill, stream: Stream, order: str
) -> None:
    fill(25, 7)
    first = stream(order=order, limit=11)
    second = client.get(
        f"/v1/audit-events?limit=3&cursor={first.headers['X-Next-Cursor']}", headers=anything
    ).get_json()
    third = stream(cursor=second["page"]["next_cursor"])
    seen = [event["integrity"]["sequence"] for event in (*rows(first), *second["data"], *rows(third))]
    assert seen == (list(range(1, 33)) if order == "asc" else list(range(32, 0, -1)))
    assert f"cursor={first.headers['X-Next-Cursor']}" in first.headers["Link"]


def test_caught_up_stream_is_followed(fill: Fill, stream: Stream) -> None:
    fill(0, 3)
    caught_up = stream(order="asc")
    service.record("file.deleted")
    later = stream(cursor=caught_up.headers["X-Next-Cursor"])
    assert [event["action"] for event in rows(later)] == ["file.deleted"]
    assert ("Link" in caught_up.headers, rows(stream(cursor=later.headers["X-Next-Cursor"]))) == (False, [])


def test_stream_is_no_longer_than_it_may_be(fill: Fill, stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 9)
    fill(25, 0)
    assert [len(rows(stream(limit=limit))) for limit in (1, 9, 10, 1_000_000)] == [1, 9, 9, 9]
    assert len(rows(stream())) == 9


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("application/x-ndjson", True),
        ("application/x-ndjson, application/json;q=0.5", True),
        ("application/json, application/x-ndjson;q=0.5", False),
        ("application/x-ndjson;q=0", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_client_gets_what_it_would_rather_have(fill: Fill, stream: Stream, accept: str, streams: bool) -> None:
    fill(0, 2)
    assert (stream({"Accept": accept}).mimetype == "application/x-ndjson") == streams


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip", "gzip"), ("zstd, gzip", "zstd"), ("gzip, zstd;q=0.5", "gzip"), ("br, *", None), ("gzip;q=0", None)],
)
@pytest.mark.usefixtures("few_at_once")
def test_stream_is_compressed_as_the_client_asks(fill: Fill, stream: Stream, accepted: str, coding: str | None) -> None:
    fill(25, 0)
    answer = stream({"Accept-Encoding": accepted}, order="asc")
    assert answer.headers.get("Content-Encoding") == coding
    undo = {"gzip": gzip.decompress, "zstd": zstandard.ZstdDecompressor().decompressobj().decompress, None: bytes}
    text = undo[coding](answer.get_data())
    assert [json.loads(line)["integrity"]["sequence"] for line in text.splitlines()] == list(range(1, 26))


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"order": "up"}, {"cursor": "x"}, {"colour": "red"}])
def test_refusal_is_a_problem_and_no_stream(stream: Stream, query: dict[str, str]) -> None:
    answer = stream(**query)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_stream_breaks_off_when_events_go_meanwhile(
    app: Flask, fill: Fill, client: FlaskClient, anything: dict[str, str], coding: str
) -> None:
    """Never an end that looks like one: gzip has no trailer, HTTP no last chunk."""
    fill(0, 12)
    headers = {**anything, **LINES, "Accept-Encoding": coding}
    answer = client.get("/v1/audit-events?order=asc", headers=headers, buffered=False)
    chunks = iter(answer.response)
    first = next(chunks)
    with as_intruder() as session:
        session.execute(LIVE.delete().where(LIVE.c.tenant_id == "acme", LIVE.c.sequence == 12))
    with pytest.raises(lines.BrokenOff):
        list(chunks)
    assert first
    assert answer.headers["X-Line-Count"] == "12"


@pytest.mark.usefixtures("few_at_once")
def test_stream_breaks_off_when_the_tenant_is_reset_meanwhile(
    app: Flask, fill: Fill, client: FlaskClient, anything: dict[str, str]
) -> None:
    fill(0, 12)
    answer = client.get("/v1/audit-events?order=asc", headers={**anything, **LINES}, buffered=False)
    chunks = iter(answer.response)
    next(chunks)
    with db.engine.begin() as connection:
        connection.execute(update(Tenant).where(Tenant.id == "acme").values(epoch=Tenant.epoch + 1))
    with pytest.raises(lines.BrokenOff):
        next(chunks)


@pytest.mark.usefixtures("few_at_once")
def test_bodies_are_read_a_few_at_a_time(
    fill: Fill, client: FlaskClient, anything: dict[str, str], statements: Any
) -> None:
    """Constant memory: a part is read when it is asked for. The test client asks for the first to get the headers."""
    fill(0, 12)
    read = []
    with statements() as seen:
        answer = client.get("/v1/audit-events?order=asc", headers={**anything, **LINES}, buffered=False)
        for _ in answer.response:
            read.append(sum("audit_events.body" in sql for sql in seen))
    assert read == [1, 2, 3]
