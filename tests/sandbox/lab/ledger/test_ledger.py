"""The ledger catches what a connector does wrong, and finds nothing in one that does right."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.sandbox.lab.ledger.conftest import Reader
from tests.sandbox.lab.travel import fault

pytestmark = pytest.mark.storage

LOG = "/v1/audit-events"
Happen = Callable[[int], None]


def test_reader_who_turns_every_page_is_complete(reader: Reader) -> None:
    for _ in reader.walk(LOG, order="asc", limit=7):
        pass
    stream, score = reader.stream(), reader.score()
    assert (stream["delivered"], stream["missing"], stream["over_fetched"], stream["out_of_order"]) == (40, 0, 0, 0)
    assert (stream["requests"], stream["not_asked"]) == (6, 0)
    assert (score["is_complete"], score["is_polite"], score["requests_per_1000"]) == (True, True, 150.0)


def test_connector_that_loses_one_repeats_one_and_does_not_wait_is_caught(reader: Reader) -> None:
    """Its pages are 1-10, 10-19 and 21-40, and it asks again at once when it is throttled."""
    nine, twenty = (cursor_behind(reader, count) for count in (9, 20))
    reader.http.delete("/_lab/ledger?client_id=demo")
    reader.get(LOG, order="asc", limit=10)
    fault(reader.http, "throttled", {"seconds": 30}, route="/v1/*", count=1)
    answers = [reader.get(LOG, order="asc", limit=10, cursor=nine).status_code for _ in range(2)]
    reader.http.put("/_lab/limits", json={"client": "9000/minute"})
    reader.get(LOG, order="asc", limit=20, cursor=twenty)
    stream, score = reader.stream(), reader.score()
    assert answers == [429, 200]
    assert (stream["missing_sequences"], stream["duplicated"], stream["over_fetched"]) == ([[20, 20]], 1, 1)
    assert (score["throttled"], score["impolite"], score["is_polite"]) == (1, 2, False)
    assert (score["is_complete"], score["quota"]) == (False, {"limit": "9000/minute", "most_in_a_minute": 4})


def cursor_behind(reader: Reader, count: int) -> str:
    """The cursor of a page of so many."""
    return str(reader.get(LOG, order="asc", limit=count).get_json()["page"]["next_cursor"])


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_client_that_waits_is_polite(reader: Reader, form: str) -> None:
    fault(reader.http, "throttled", {"seconds": 1, "form": form}, route=LOG, count=1)
    refused = reader.get(LOG, order="asc")
    time.sleep(1.01)
    reader.get(LOG, order="asc")
    assert refused.status_code == 429
    assert (reader.score()["throttled"], reader.score()["impolite"]) == (1, 0)


def test_lost_events_are_named(reader: Reader) -> None:
    first = reader.get(LOG, order="asc", limit=10).get_json()
    skipped = reader.get(LOG, order="asc", limit=3, cursor=first["page"]["next_cursor"]).get_json()
    reader.http.delete("/_lab/ledger?client_id=demo")
    reader.get(LOG, order="asc", limit=10)
    reader.get(LOG, order="asc", limit=10, cursor=skipped["page"]["next_cursor"])
    stream = reader.stream()
    assert (stream["missing"], stream["missing_sequences"], stream["delivered"]) == (3, [[11, 13]], 20)
    assert (stream["highest_sequence"], stream["not_asked"]) == (23, 17)
    assert reader.stream(until_sequence=40)["missing"] == 20


def test_lost_event_that_is_fetched_later_is_out_of_order(reader: Reader) -> None:
    first = reader.get(LOG, order="asc", limit=10).get_json()
    second = reader.get(LOG, order="asc", limit=10, cursor=first["page"]["next_cursor"]).get_json()
    reader.http.delete("/_lab/ledger?client_id=demo")
    reader.get(LOG, order="asc", limit=10, cursor=second["page"]["next_cursor"])
    reader.get(LOG, order="asc", limit=10)
    stream = reader.stream()
    assert (stream["out_of_order"], stream["missing"]) == (10, 10)


def test_late_is_what_waited_longer_than_allowed(reader: Reader, happen: Happen, app: Flask) -> None:
    cursor = reader.get(LOG, order="asc").get_json()["page"]["next_cursor"]
    happen(3)
    reader.http.put("/_lab/clock", json={"rate": 3600})
    time.sleep(0.2)  # Twelve minutes of business time.
    reader.get(LOG, order="asc", cursor=cursor)
    assert (reader.stream(late_after=300)["late"], reader.stream(late_after=86_400)["late"]) == (3, 0)


def test_newest_first_reader_has_not_asked_for_what_lies_below(reader: Reader, happen: Happen) -> None:
    first = reader.get(LOG, limit=10).get_json()
    reader.get(LOG, limit=10, cursor=first["page"]["next_cursor"])
    assert (reader.stream()["missing"], reader.stream()["not_asked"]) == (0, 20)
    happen(5)
    reader.get(LOG, limit=3)  # Two of the new ones are left behind.
    stream = reader.stream()
    assert (stream["missing_sequences"], stream["out_of_order"]) == ([[41, 42]], 0)


def test_moving_windows_of_time_are_one_stream(reader: Reader, happen: Happen) -> None:
    events = reader.get(LOG, order="asc").get_json()["data"]
    middle = next(event["ingested_at"] for event in events[20:] if event["ingested_at"] > events[19]["ingested_at"])
    reader.http.delete("/_lab/ledger?client_id=demo")
    reader.get(LOG, order="asc", ingested_until=middle, ingested_since="2026-01-01T00:00:00Z")
    reader.get(LOG, order="asc", ingested_since=middle)
    stream = reader.stream()
    assert (stream["delivered"], stream["missing"], stream["over_fetched"], stream["requests"]) == (40, 0, 0, 2)


def test_filters_are_streams_of_their_own(reader: Reader) -> None:
    reader.get(LOG, order="asc", action="file.viewed", limit=4)
    reader.get(LOG, order="asc", outcome="failure")
    viewed, failed = sorted(reader.score()["streams"], key=lambda one: -one["visible"])
    assert (viewed["filters"]["action"], viewed["visible"], viewed["delivered"]) == ("file.viewed", 40, 4)
    assert (failed["filters"]["outcome"], failed["visible"], failed["missing"]) == ("failure", 0, 0)


def test_lines_count_as_they_go_out(reader: Reader) -> None:
    answer = reader.http.get(
        f"{LOG}?order=asc&limit=30", headers={**reader.headers, "Accept": "application/x-ndjson"}, buffered=False
    )
    assert reader.stream()["delivered"] == 0
    assert len(answer.get_data().splitlines()) == 30
    assert (reader.stream()["delivered"], reader.stream()["requests"]) == (30, 1)


@pytest.mark.parametrize("style", ["offset", "page-number", "link-header", "next-link", "timestamp-keyset"])
def test_styles_are_counted(reader: Reader, style: str) -> None:
    reader.get(f"/dialects/{style}/audit-events")
    stream = reader.stream()
    assert (stream["stream"], stream["delivered"], stream["missing"]) == (f"/dialects/{style}/audit-events", 40, 0)


def test_call_that_goes_on_belongs_to_its_list(reader: Reader) -> None:
    path = "/dialects/start-continue/audit-events"
    started = reader.http.post(path, json={"limit": 25}, headers=reader.headers).get_json()
    reader.http.post(f"{path}/continue", json={"cursor": started["cursor"]}, headers=reader.headers)
    stream = reader.stream()
    assert (stream["stream"], stream["requests"], stream["delivered"]) == (path, 2, 40)


def test_repeated_rows_of_a_fault_are_counted_as_served(reader: Reader) -> None:
    fault(reader.http, "rows_repeated", {"rows": 10}, route=LOG)
    list(reader.walk(LOG, order="asc", limit=20))
    stream = reader.stream()
    assert (stream["delivered"], stream["duplicated"], stream["over_fetched"]) == (40, 10, 10)


def test_truncated_page_was_served_to_nobody(reader: Reader) -> None:
    fault(reader.http, "truncated", route=LOG, count=1)
    reader.get(LOG, order="asc", limit=20)
    assert (reader.stream()["delivered"], reader.stream()["spoiled"]) == (0, 1)
    list(reader.walk(LOG, order="asc", limit=20))
    stream = reader.stream()
    assert (stream["delivered"], stream["over_fetched"], stream["requests"]) == (40, 0, 3)


def test_list_is_scored_by_passes(reader: Reader, app: Flask) -> None:
    """An offset reader misses the person that slips to a page it has passed."""
    people = reader.get("/v1/users").get_json()["data"]
    assert reader.stream()["missing"] == 0
    reader.http.delete("/_lab/ledger?client_id=demo")
    fault(reader.http, "empty_page", route="/v1/users", count=1)
    pages = list(reader.walk("/v1/users", limit=1))
    stream = reader.stream()
    assert stream["passes"] == {"finished": 1, "unfinished": 0}
    seen = sum(len(page["data"]) for page in pages)
    assert (stream["delivered"], stream["missing"]) == (seen, len(people) - seen)


def test_two_passes_are_not_duplicates(reader: Reader) -> None:
    for _ in range(2):
        list(reader.walk("/v1/configuration", limit=50))
    stream = reader.stream()
    assert (stream["passes"]["finished"], stream["duplicated"], stream["missing"]) == (2, 0, 0)


def test_event_tells_who_was_served_it(reader: Reader) -> None:
    reader.get(LOG, order="asc")
    reader.get(LOG, order="asc", limit=5)
    told = reader.http.get("/_lab/ledger/events/3").get_json()
    assert [(one["client_id"], one["times"]) for one in told["served"]] == [("demo", 2)]
    assert reader.http.get("/_lab/ledger/events/999").status_code == 404


def test_ledger_of_one_client_is_forgotten_and_the_others_stay(reader: Reader) -> None:
    reader.get(LOG)
    assert reader.http.delete("/_lab/ledger?client_id=other").get_json() == {"cleared": 0}
    assert reader.score()["requests"] == 1
    assert reader.http.delete("/_lab/ledger").get_json() == {"cleared": 1}
    assert reader.score()["requests"] == 0


def test_tenants_have_ledgers_of_their_own(reader: Reader, token: Callable[..., dict[str, str]]) -> None:
    reader.get(LOG)
    elsewhere = reader.http.get("/t/other/_lab/ledger", headers={"Authorization": "Lab none"})
    assert elsewhere.status_code == 401
    assert [one["client_id"] for one in reader.http.get("/_lab/ledger").get_json()["data"]] == ["demo"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"client_id": "nobody"}, "?client_id"),
        ({"client_id": "demo", "until_sequence": "-1"}, "?until_sequence"),
        ({"late_after": "soon"}, "?late_after"),
        ({"clients": "demo"}, "?clients"),
    ],
)
def test_bad_question_is_named(http: FlaskClient, reader: Reader, query: dict[str, Any], pointer: str) -> None:
    refused = http.get("/_lab/ledger", query_string=query)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (400, pointer)
