"""What a vendor does on its bad days, and what a sync must make of it: everything once, or a stop that says why."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from reference_connector.errors import FixAccess, TryLater
from tests.reference_connector.conftest import Runner
from tests.reference_connector.vendor import (
    Reply,
    Vendor,
    a_vendor,
    edited,
    on_page,
    spoiled,
    stamp,
    status,
    text,
    truncated,
)

EVENTS = "/v1/audit-events"


def a_busy_vendor(**settings: Any) -> Vendor:
    return a_vendor(events=60, max_page=10, **settings)


def expected(vendor: Vendor) -> list[str]:
    return [event["id"] for event in vendor.events]


def test_sync_waits_as_asked_when_limited_with_seconds(runner: Runner) -> None:
    """F1: Retry-After in seconds is honored, never sooner than asked."""
    vendor = a_busy_vendor()
    vendor.faults.append(on_page(EVENTS, 3, status(429, headers={"Retry-After": "3"})))
    outcome = runner.sync(vendor)
    assert outcome.outcome == "complete"
    assert [wait for wait in runner.waits if wait > 0.1] == pytest.approx([3.15], abs=0.15)
    assert runner.ids() == expected(vendor)


def test_sync_waits_until_the_date_by_the_servers_own_clock(runner: Runner) -> None:
    """F2: Retry-After as a date counts from the server's Date, whatever this machine's clock says."""
    vendor = a_busy_vendor()
    vendor.faults.append(on_page(EVENTS, 3, status(429, headers={"Retry-After": "Tue, 24 Nov 2026 10:00:05 GMT"})))
    runner.sync(vendor)
    assert runner.waits == [pytest.approx(5.25, abs=0.25)]
    assert runner.ids() == expected(vendor)


def test_sync_backs_off_when_limited_without_a_header(runner: Runner) -> None:
    """F3: two 429 without Retry-After; each wait is longer than the one before."""
    vendor = a_busy_vendor()
    vendor.faults.append(on_page(EVENTS, 3, status(429), times=2))
    runner.sync(vendor)
    assert len(runner.waits) == 2
    assert 0.5 <= runner.waits[0] <= 1.0 <= runner.waits[1] <= 2.0
    assert runner.ids() == expected(vendor)


def test_sync_retries_a_server_error(runner: Runner) -> None:
    """F4: 503 twice."""
    vendor = a_busy_vendor()
    vendor.faults.append(on_page(EVENTS, 3, status(503), times=2))
    outcome = runner.sync(vendor)
    assert outcome.streams["audit_events"].retries == 2
    assert runner.ids() == expected(vendor)


def test_sync_renews_the_token_when_refused_in_mid_run(runner: Runner) -> None:
    """F5: the token is revoked between two pages; one renewal, then on."""
    vendor = a_busy_vendor()

    def revoke(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        vendor.tokens.clear()
        return status(401)(vendor, request, reply)

    vendor.faults.append(on_page(EVENTS, 3, revoke))
    assert runner.sync(vendor).outcome == "complete"
    assert len(vendor.calls("/oauth/token")) == 2
    assert runner.ids() == expected(vendor)


def test_sync_renews_the_token_that_expired_while_waiting(runner: Runner) -> None:
    """F6: a token dies during the wait for a retry."""
    vendor = a_busy_vendor()

    def limit_and_revoke(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        vendor.tokens.clear()
        return status(429, headers={"Retry-After": "90"})(vendor, request, reply)

    vendor.faults.append(on_page(EVENTS, 3, limit_and_revoke))
    assert runner.sync(vendor).outcome == "complete"
    assert runner.ids() == expected(vendor)


def test_sync_stops_with_the_cause_when_a_page_token_comes_back(runner: Runner) -> None:
    """F7: a repeated token would be followed for ever; the next run is free of it."""
    vendor = a_busy_vendor()
    tokens: list[str] = []

    def repeat(body: dict[str, Any]) -> None:
        tokens.append(body["page"]["next_cursor"])
        body["page"]["next_cursor"] = tokens[0]

    vendor.faults.append(on_page(EVENTS, 2, edited(repeat), times=2))
    outcome = runner.sync(vendor)
    stream = outcome.streams["audit_events"]
    assert (stream.health, stream.code) == ("partial", "repeated-page")
    assert isinstance(outcome.error, TryLater)
    assert len(vendor.calls(EVENTS)) == 3
    assert runner.sync(vendor).outcome == "complete"
    assert runner.ids() == expected(vendor)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (truncated, "truncated-body"),
        (text("<html>maintenance</html>", "text/html"), "content-type"),
        (text('{"error": "try again"}', "application/json"), "required-path-missing"),
        (text('{"data": [{"id"', "application/json"), "malformed-body"),
        (
            spoiled(b'"category":"authentication"', b'"category":"\xff"'),
            "malformed-body",
        ),  # in a part that nobody reads
        (text('{"data": {}, "page": {"has_more": false, "next_cursor": null}}', "application/json"), "records-missing"),
        (edited(lambda body: body.update(errors=["upstream"])), "error-body"),
        (edited(lambda body: body["page"].update(next_cursor=None)), "page-token-missing"),
    ],
)
class TestDoubtfulPage:
    """F8, F9, F10 and their kin: an answer with status 200 that is not a page."""

    def test_is_asked_for_again_when_it_comes_once(self, runner: Runner, fault: Any, code: str) -> None:
        vendor = a_busy_vendor()
        vendor.faults.append(on_page(EVENTS, 3, fault))
        assert runner.sync(vendor).outcome == "complete"
        assert runner.ids() == expected(vendor)

    def test_fails_with_its_cause_when_it_stays_and_the_next_run_continues(
        self, runner: Runner, fault: Any, code: str
    ) -> None:
        vendor = a_busy_vendor()
        vendor.faults.append(on_page(EVENTS, 3, fault, times=100))
        outcome = runner.sync(vendor)
        assert (outcome.streams["audit_events"].health, outcome.streams["audit_events"].code) == ("partial", code)
        assert runner.ids() == expected(vendor)[:20]
        vendor.faults.clear()
        assert runner.sync(vendor).outcome == "complete"
        assert runner.ids() == expected(vendor)


def test_sync_goes_on_after_an_empty_page_with_a_next_token(runner: Runner) -> None:
    """F11: the token decides, not the number of records."""
    vendor = a_busy_vendor()
    held: list[Any] = []

    def hold_back(body: dict[str, Any]) -> None:
        held.extend(body["data"])
        body["data"] = []

    def hand_over(body: dict[str, Any]) -> None:
        body["data"] = held + body["data"]

    vendor.faults += [on_page(EVENTS, 3, edited(hold_back)), on_page(EVENTS, 4, edited(hand_over))]
    assert runner.sync(vendor).outcome == "complete"
    assert runner.ids() == expected(vendor)


def test_window_is_read_again_when_its_pages_shift(runner: Runner) -> None:
    """F12: ten records come twice and ten are skipped; a promise of stable pages makes the engine look again."""
    vendor = a_busy_vendor()
    previous: list[Any] = []
    vendor.faults += [
        on_page(EVENTS, 2, edited(lambda body: previous.extend(body["data"]))),
        on_page(EVENTS, 3, edited(lambda body: body.update(data=list(previous)))),
    ]
    outcome = runner.sync(vendor).streams["audit_events"]
    assert (outcome.health, outcome.code) == ("partial", "pages-overlap")
    assert runner.ids() == expected(vendor)


def test_listing_is_read_again_when_its_pages_shift(runner: Runner) -> None:
    """F12 on a list that is read in full."""
    vendor = a_vendor(users=40, max_page=10)
    previous: list[Any] = []
    vendor.faults += [
        on_page("/v1/users", 3, edited(lambda body: previous.extend(body["data"]))),
        on_page("/v1/users", 4, edited(lambda body: body.update(data=list(previous)))),
    ]
    outcome = runner.sync(vendor).streams["users"]
    assert (outcome.health, outcome.code) == ("partial", "pages-overlap")
    assert sorted(runner.ids("users")) == [user["id"] for user in vendor.lists["users"]]


def test_sync_drops_records_that_come_twice(runner: Runner) -> None:
    """F13: ten records repeated on top of the page's own; nothing can be missing, so a note is enough."""
    vendor = a_busy_vendor()
    previous: list[Any] = []
    vendor.faults += [
        on_page(EVENTS, 2, edited(lambda body: previous.extend(body["data"]))),
        on_page(EVENTS, 3, edited(lambda body: body.update(data=previous + body["data"]))),
    ]
    assert runner.sync(vendor).outcome == "complete"
    assert runner.ids() == expected(vendor)


@pytest.mark.parametrize("fault", [status(410), status(400, body={"code": "invalid-cursor"})])
def test_sync_reads_the_window_again_when_the_page_token_expired(runner: Runner, fault: Any) -> None:
    """F14: the listing starts again, and what was written stays written once."""
    vendor = a_busy_vendor()
    vendor.faults.append(on_page(EVENTS, 4, fault))
    assert runner.sync(vendor).outcome == "complete"
    assert runner.ids() == expected(vendor)


def test_sync_gives_up_on_page_tokens_that_always_expire(runner: Runner) -> None:
    vendor = a_busy_vendor()
    vendor.faults.append(on_page(EVENTS, 1, status(410), times=100))
    assert runner.sync(vendor).streams["audit_events"].code == "page-token-expired"


def test_sync_fails_with_a_remedy_when_the_server_hangs(runner: Runner) -> None:
    """F15: a time-out is a cause like any other."""
    vendor = a_busy_vendor()

    def hang(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        raise httpx2.ReadTimeout("no answer", request=request)

    vendor.faults.append(on_page(EVENTS, 3, hang, times=100))
    stream = runner.sync(vendor).streams["audit_events"]
    assert (stream.health, stream.code, stream.new) == ("partial", "timed-out", 20)


def test_second_sync_adds_nothing_when_nothing_is_new(runner: Runner) -> None:
    """F16: an empty window is committed and costs one request, not one per page."""
    vendor = a_busy_vendor()
    runner.sync(vendor)
    vendor.now += timedelta(minutes=5)
    before = len(vendor.calls(EVENTS))
    outcome = runner.sync(vendor).streams["audit_events"]
    assert (outcome.health, outcome.new, outcome.duplicates) == ("complete", 0, 0)
    assert len(vendor.calls(EVENTS)) == before + 1


def test_sync_takes_a_record_with_the_stamp_of_the_newest(runner: Runner) -> None:
    """F17: a tie at the watermark; the one that comes later is neither lost nor are the others doubled."""
    vendor = a_vendor()
    at = vendor.now - timedelta(seconds=2, milliseconds=1)
    vendor.add_events(3, at=at, every=timedelta(0))
    runner.sync(vendor)
    vendor.add_events(1, at=at)
    vendor.now += timedelta(seconds=1)
    outcome = runner.sync(vendor).streams["audit_events"]
    assert (outcome.new, outcome.duplicates) == (1, 3)
    assert runner.ids() == expected(vendor)


def test_sync_leaves_what_is_younger_than_the_settle_delay_for_the_next_run(runner: Runner) -> None:
    """F18: a record that becomes visible a little late is saved by not reading up to now."""
    vendor = a_vendor()
    vendor.add_events(1, at=vendor.now - timedelta(milliseconds=500))
    assert runner.sync(vendor).streams["audit_events"].new == 0
    vendor.add_events(1, at=vendor.now - timedelta(milliseconds=700))
    vendor.now += timedelta(seconds=10)
    runner.sync(vendor)
    assert sorted(runner.ids()) == expected(vendor)


def test_sync_is_not_led_astray_by_a_stamp_from_the_future(runner: Runner) -> None:
    """F20: one record claims to be from next year; the five that come after it still arrive."""
    vendor = a_busy_vendor()
    stray = {**vendor.events[-1], "id": "evt_stray", "ingested_at": stamp(vendor.now + timedelta(days=365))}
    vendor.faults.append(on_page(EVENTS, 1, _added_to_the_last_page(stray), times=100))
    assert runner.sync(vendor).outcome == "complete"
    vendor.now += timedelta(seconds=30)
    vendor.add_events(5, at=vendor.now - timedelta(seconds=20))
    outcome = runner.sync(vendor).streams["audit_events"]
    assert (outcome.new, runner.ids().count("evt_stray")) == (5, 1)
    assert set(runner.ids()) == {*expected(vendor), "evt_stray"}


def _added_to_the_last_page(record: dict[str, Any]) -> Any:
    def add(body: dict[str, Any]) -> None:
        if not body["page"]["has_more"]:
            body["data"].append(record)

    return edited(add)


def test_sync_ends_at_once_when_the_secret_is_wrong(runner: Runner) -> None:
    vendor = a_busy_vendor()
    vendor.faults.append(on_page("/oauth/token", 1, status(401, body={"error": "invalid_client"}), times=100))
    outcome = runner.sync(vendor)
    assert isinstance(outcome.error, FixAccess)
    assert {stream.health for stream in outcome.streams.values()} == {"failed"}
    assert len(vendor.asked) == 1


def test_one_forbidden_stream_does_not_stop_the_others(runner: Runner) -> None:
    vendor = a_busy_vendor()
    vendor.faults.append(on_page("/v1/grants", 1, status(403, body={"code": "insufficient-scope"}), times=100))
    outcome = runner.sync(vendor)
    assert (outcome.outcome, outcome.streams["grants"].code) == ("partial", "forbidden")
    assert isinstance(outcome.error, FixAccess)
    assert runner.ids() == expected(vendor)


def test_sync_asks_once_and_skips_the_rest_when_the_server_is_down(runner: Runner) -> None:
    vendor = a_busy_vendor()

    def refuse(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        raise httpx2.ConnectError("refused", request=request)

    vendor.faults.append(on_page("", 1, refuse, times=1000))
    outcome = runner.sync(vendor)
    assert (outcome.outcome, {s.code for s in outcome.streams.values()}) == ("failed", {"unreachable"})
    assert len(vendor.asked) == 6


def test_failed_listing_leaves_the_former_one_in_place(runner: Runner) -> None:
    vendor = a_vendor(users=30, max_page=10)
    runner.sync(vendor)
    vendor.lists["users"] = vendor.lists["users"][5:]
    vendor.faults.append(on_page("/v1/users", 3, status(500), times=100))
    outcome = runner.sync(vendor)
    assert (outcome.streams["users"].health, outcome.streams["users"].total) == ("failed", 30)
    assert len(runner.records("users")) == 30
    assert not list((runner.out / "raw").glob("*.part"))


def test_record_without_key_or_stamp_is_quarantined_with_its_reason(runner: Runner) -> None:
    vendor = a_vendor(events=8)
    vendor.faults += [
        on_page(EVENTS, 1, edited(lambda body: body["data"][3].pop("id"))),
        on_page(EVENTS, 1, edited(lambda body: body["data"][5].update(ingested_at="yesterday"))),
    ]
    run = runner.sync(vendor)
    outcome = run.streams["audit_events"]
    lines = (runner.out / "raw" / "audit_events.quarantine.jsonl").read_text().splitlines()
    assert (outcome.health, outcome.code, outcome.new) == ("partial", "records-quarantined", 6)
    assert [json.loads(line)["reason"].split()[0] for line in lines] == ["id", "ingested_at"]
    assert run.error is not None
    assert (run.error.exit_code, run.error.code) == (4, "records-quarantined")  # A doubtful run is never green.
