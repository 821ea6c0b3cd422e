"""What is asked for: how a stream's question, its window and a page token become one request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from reference_connector.manifest.loader import load
from reference_connector.manifest.model import Manifest
from reference_connector.sync.page import Reader
from reference_connector.transport.answer import Answer, Ask
from reference_connector.transport.retry import Doubtful
from tests.reference_connector.manifest.test_loader import BASE

Write = Callable[[str], Path]
CONFIG = {"client_id": "a", "client_secret": "b"}
WINDOW = ("2026-09-01T00:00:00Z", "2026-09-01T01:00:00Z")
URL = "https://api.demo.example/v1/events"

POSTED = (
    BASE.replace("        path: /events\n", "        path: /events\n        http_method: POST\n")
    .replace("inject_into: request_parameter", "inject_into: body_json")
    .replace("path: /events\n", "path: /events\n        request_body_json: {order: asc, deep: true, top: 3}\n", 1)
)
LINKED = BASE.replace(
    "{type: RequestOption, inject_into: request_parameter, field_name: cursor}", "{type: RequestPath}"
)
CONTINUED = POSTED.replace("dedupe:\n", "paging:\n  events: {type: ContinueCall, path: /events/continue}\ndedupe:\n")
START, END = BASE.index("      paginator:"), BASE.index("    incremental_sync:")
KEYSET = (BASE[:START] + BASE[END:]).replace(
    "dedupe:\n",
    "paging:\n  events: {type: TimestampKeyset, record_field: at, ties: whole, "
    "since_option: {type: RequestOption, inject_into: request_parameter, field_name: since}}\ndedupe:\n",
)


@pytest.fixture
def ask(write_manifest: Write) -> Callable[..., Ask]:
    """Ask with a manifest: `ask(LINKED, "token", WINDOW)`."""

    def asked(content: str, token: str | None = None, bounds: tuple[object, object] | None = None) -> Ask:
        return a_reader(load(write_manifest(content))).ask(token, bounds)

    return asked


def a_reader(manifest: Manifest) -> Reader:
    return Reader(manifest.stream("events"), CONFIG)


def an_answer(body: dict[str, Any], **headers: str) -> Answer:
    return Answer(200, {"content-type": "application/json", **headers}, orjson.dumps(body))


def test_window_and_token_go_into_the_query(ask: Callable[..., Ask]) -> None:
    first = ask(BASE, None, WINDOW)
    assert (first.method, first.url, first.json) == ("GET", URL, None)
    assert first.query == (("since", WINDOW[0]), ("until", WINDOW[1]))
    assert ask(BASE, "t", WINDOW).query == (*first.query, ("cursor", "t"))


def test_window_and_token_go_into_the_body_beside_the_question(ask: Callable[..., Ask]) -> None:
    asked = ask(POSTED, "t", WINDOW)
    bounds = {"since": WINDOW[0], "until": WINDOW[1]}
    assert (asked.method, asked.url, asked.query) == ("POST", URL, ())
    assert asked.json == {"order": "asc", "deep": True, "top": 3, **bounds, "cursor": "t"}


def test_reading_may_be_repeated_whatever_its_method(ask: Callable[..., Ask]) -> None:
    assert ask(POSTED).may_be_repeated
    assert not Ask("POST", URL).may_be_repeated


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("https://api.demo.example/v1/events?page=2", f"{URL}?page=2"),
        ("/v1/events?page=2", f"{URL}?page=2"),
        ("?page=2", f"{URL}?page=2"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_link_takes_the_place_of_the_address_and_may_be_relative(
    ask: Callable[..., Ask], link: str, target: str
) -> None:
    """RFC 3986 §5; where it may lead is not decided here but by the guard in front of the network."""
    asked = ask(LINKED, link, WINDOW)
    assert (asked.url, asked.query) == (target, ())


def test_call_that_goes_on_repeats_nothing_of_the_question(ask: Callable[..., Ask]) -> None:
    asked = ask(CONTINUED, "t", WINDOW)
    assert (asked.url, asked.query, asked.json) == (f"{URL}/continue", (), {"cursor": "t"})


def test_last_stamp_takes_the_place_of_the_start_of_the_window(ask: Callable[..., Ask]) -> None:
    asked = ask(KEYSET, "2026-09-01T00:30:00Z", WINDOW)
    assert asked.query == (("since", "2026-09-01T00:30:00Z"), ("until", WINDOW[1]))


def test_question_in_a_body_belongs_to_its_page_tokens(write_manifest: Write) -> None:
    one = a_reader(load(write_manifest(POSTED))).query_hash
    other = a_reader(load(write_manifest(POSTED.replace("top: 3", "top: 4")))).query_hash
    assert one != other


def test_ties_of_a_watermark_are_no_overlap(write_manifest: Write) -> None:
    reader = a_reader(load(write_manifest(KEYSET)))
    page = reader.read(an_answer({"data": [{"id": 1, "at": "b"}, {"id": 2, "at": "c"}], "next": None}), "b")
    assert (page.repeated, page.token) == (1, "c")


def test_two_next_links_are_a_doubtful_answer(write_manifest: Write) -> None:
    linked = LINKED.replace("{{ response.next }}", "{{ headers['link']['next']['url'] }}").replace(", [next]", "")
    reader = a_reader(load(write_manifest(linked)))
    two = '<https://a.example/2>; rel="next", <https://a.example/3>; rel="next"'
    with pytest.raises(Doubtful, match="two different pages"):
        reader.read(an_answer({"data": []}, link=two))
