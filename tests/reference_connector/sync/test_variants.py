"""What other manifests and vendors bring: unordered lists, windows in steps, mappings that fail, odd filters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reference_connector.errors import FixManifest, TryLater
from reference_connector.expressions import parse
from reference_connector.manifest.model import Consistency, HttpResponseFilter, Manifest, NoAuth, RequestPath, Stream
from reference_connector.normalize.glance import Glance
from reference_connector.normalize.validate import InvalidEvent
from reference_connector.sync import engine
from tests.reference_connector.conftest import Runner
from tests.reference_connector.vendor import BASE_URL, Reply, Vendor, a_vendor, edited, on_page, status, text

EVENTS = "/v1/audit-events"
RESPONSE = frozenset({"response", "headers"})


def with_stream(manifest: Manifest, name: str, change: Callable[[Stream], Stream]) -> Manifest:
    return replace(manifest, streams=tuple(change(s) if s.name == name else s for s in manifest.streams))


def with_events(runner: Runner, change: Callable[[Stream], Stream]) -> Runner:
    return replace(runner, manifest=with_stream(runner.manifest, "audit_events", change))


def with_cursor(**fields: Any) -> Callable[[Stream], Stream]:
    def change(stream: Stream) -> Stream:
        assert stream.incremental_sync is not None
        return replace(stream, incremental_sync=replace(stream.incremental_sync, **fields))

    return change


def with_filter(response_filter: HttpResponseFilter) -> Callable[[Stream], Stream]:
    def change(stream: Stream) -> Stream:
        handler = replace(stream.retriever.requester.error_handler, response_filters=(response_filter,))
        requester = replace(stream.retriever.requester, error_handler=handler)
        return replace(stream, retriever=replace(stream.retriever, requester=requester))

    return change


def expected(vendor: Vendor) -> list[str]:
    return [event["id"] for event in vendor.events]


def test_steps_read_everything_once(runner: Runner) -> None:
    stepping = with_events(
        runner,
        with_cursor(
            step=timedelta(seconds=7),
            start_datetime=parse("2026-08-31T23:58:00Z", frozenset()),
            cursor_granularity=None,
        ),
    )
    vendor = a_vendor(events=40, max_page=3)
    assert stepping.sync(vendor).outcome == "complete"
    assert stepping.ids() == expected(vendor)


def test_lookback_finds_a_late_record_and_doubles_nothing(runner: Runner) -> None:
    """F19: a record that appears behind the watermark, within the lookback."""
    patient = with_events(runner, with_cursor(lookback_window=timedelta(minutes=15)))
    patient = with_events(patient, lambda s: replace(s, consistency=replace(s.consistency, max_lateness=None)))
    vendor = a_vendor(events=30, max_page=10)
    patient.sync(vendor)
    vendor.add_events(1, at=vendor.now - timedelta(seconds=25))
    vendor.now += timedelta(seconds=10)
    outcome = patient.sync(vendor).streams["audit_events"]
    assert (outcome.new, outcome.duplicates) == (1, 30)
    assert sorted(patient.ids()) == expected(vendor)


def test_newest_first_vendor_is_read_once_and_continued(runner: Runner) -> None:
    """F22: newest-first pages; a failure in the middle costs no record."""

    def newest_first(stream: Stream) -> Stream:
        requester = replace(stream.retriever.requester, request_parameters=(("order", parse("desc", frozenset())),))
        retriever = replace(stream.retriever, requester=requester)
        return replace(stream, retriever=retriever, consistency=Consistency(ordering="descending", snapshot="stable"))

    backwards = with_events(runner, newest_first)
    vendor = a_vendor(events=30, max_page=10)
    vendor.faults = [on_page(EVENTS, 2, status(500), times=6), on_page(EVENTS, 8, status(410))]
    assert backwards.sync(vendor).streams["audit_events"].health == "partial"
    assert backwards.sync(vendor).outcome == "complete"
    assert sorted(backwards.ids()) == expected(vendor)
    vendor.add_events(3, at=vendor.now)
    vendor.now += timedelta(minutes=1)
    assert backwards.sync(vendor).streams["audit_events"].new == 3


def test_broken_promise_of_order_is_noted_and_costs_nothing(runner: Runner) -> None:
    vendor = a_vendor(events=30, max_page=10)
    vendor.faults.append(on_page(EVENTS, 2, edited(lambda body: body["data"].reverse())))
    outcome = runner.sync(vendor).streams["audit_events"]
    assert outcome.warnings == ["the records are not in ascending order, as consistency.ordering declares"]
    assert sorted(runner.ids()) == expected(vendor)


def test_vendor_that_lies_about_its_order_costs_no_record_when_a_token_expires(runner: Runner) -> None:
    vendor = a_vendor(events=40, max_page=10)
    honest = vendor._audit
    vendor._audit = lambda request: honest(  # type: ignore[method-assign]
        httpx2.Request("GET", request.url.copy_set_param("order", "desc"), headers=request.headers)
    )
    vendor.faults.append(on_page(EVENTS, 3, status(410)))
    assert runner.sync(vendor).outcome == "complete"
    assert sorted(runner.ids()) == expected(vendor)


def test_changed_question_drops_the_old_page_token(runner: Runner) -> None:
    """A token belongs to the query it came from."""
    vendor = a_vendor(events=30, max_page=10)
    vendor.faults.append(on_page(EVENTS, 2, status(500), times=6))
    runner.sync(vendor)

    def asking_more(stream: Stream) -> Stream:
        requester = stream.retriever.requester
        more = replace(requester, request_parameters=(*requester.request_parameters, ("x", parse("1", frozenset()))))
        return replace(stream, retriever=replace(stream.retriever, requester=more))

    vendor.asked.clear()
    other = with_events(runner, asking_more)
    assert other.sync(vendor).outcome == "complete"
    assert "cursor" not in vendor.calls(EVENTS)[0].url.params
    assert other.ids() == expected(vendor)


def test_expired_token_in_a_listing_starts_it_again(runner: Runner) -> None:
    vendor = a_vendor(users=30, max_page=10)
    vendor.faults.append(on_page("/v1/users", 3, status(410)))
    assert runner.sync(vendor).outcome == "complete"
    assert runner.records("users") == vendor.lists["users"]


def test_link_to_the_next_page_is_followed_on_the_same_host_only(runner: Runner) -> None:
    def by_link(stream: Stream) -> Stream:
        paginator = stream.retriever.paginator
        assert paginator is not None
        strategy = replace(
            paginator.pagination_strategy, cursor_value=parse("{{ response.link }}", RESPONSE), stop_condition=None
        )
        paginator = replace(paginator, pagination_strategy=strategy, page_token_option=RequestPath())
        contract = replace(stream.response_contract, required_paths=())
        return replace(stream, retriever=replace(stream.retriever, paginator=paginator), response_contract=contract)

    linking = replace(runner, manifest=with_stream(runner.manifest, "users", by_link))
    vendor = a_vendor(users=4)
    second = f"{BASE_URL}/v1/groups?limit=2"
    vendor.faults = [on_page("/v1/users", 2, edited(lambda body: body.update(link=second)))]
    assert linking.sync(vendor, streams=("users",)).streams["users"].new == 6
    vendor.faults = [on_page("/v1/users", 2, edited(lambda body: body.update(link="https://evil.example/v1")))]
    outcome = linking.sync(vendor, streams=("users",))
    assert isinstance(outcome.error, FixManifest)
    assert outcome.streams["users"].code == "foreign-origin"


@pytest.mark.parametrize(
    ("action", "retries", "code"), [("RETRY", 5, "http-418"), ("FAIL", 0, "http-418"), ("RATE_LIMITED", 5, "http-418")]
)
def test_response_filter_decides_what_a_status_means(runner: Runner, action: Any, retries: int, code: str) -> None:
    response_filter = HttpResponseFilter(action, frozenset(), None, "teapot", "the vendor makes tea")
    filtering = with_events(runner, with_filter(response_filter))
    vendor = a_vendor(events=3)
    vendor.faults.append(on_page(EVENTS, 1, status(418, body={"detail": "I am a teapot"}), times=100))
    outcome = filtering.sync(vendor)
    stream = outcome.streams["audit_events"]
    assert (stream.retries, stream.code) == (retries, code)
    assert isinstance(outcome.error, TryLater)


def test_vendor_without_a_clock_is_an_error_of_its_own(runner: Runner) -> None:
    def without_time(vendor: Vendor, request: Any, reply: Reply) -> Reply:
        headers = {k: v for k, v in reply.headers.items() if k.lower() not in ("date", "x-harbor-time")}
        return type(reply)(reply.status_code, content=reply.content, headers=headers)

    vendor = a_vendor(events=3)
    vendor.faults.append(on_page("", 1, without_time, times=1000))
    assert runner.sync(vendor).streams["audit_events"].code == "no-server-time"


def test_open_api_is_read_without_a_token(runner: Runner) -> None:
    def openly(stream: Stream) -> Stream:
        requester = replace(stream.retriever.requester, authenticator=NoAuth())
        return replace(stream, retriever=replace(stream.retriever, requester=requester))

    open_manifest = replace(runner.manifest, streams=tuple(openly(stream) for stream in runner.manifest.streams))
    vendor = a_vendor(users=3)
    vendor.tokens.add("")
    assert replace(runner, manifest=open_manifest).sync(vendor, streams=("users",)).outcome == "complete"
    assert vendor.calls("/oauth/token") == []


class TestMapping:
    """The seam to normalization: once a record, inside the page's transaction."""

    @pytest.fixture
    def mapping(self, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
        def map_record(record: dict[str, Any], raw: bytes) -> tuple[str, bytes] | None:
            number = int(record["id"].rsplit("_", 1)[-1])
            if number % 5 == 0:
                return None
            if number % 7 == 0:
                raise InvalidEvent("actor.user.uid", "is missing")
            assert json.loads(raw) == record
            return ("authentication" if number % 2 else "account_change", b'{"uid":"%s"}' % record["id"].encode())

        class FakeMapper:
            glance = Glance()

            def judged(self, record: dict[str, Any], raw: bytes) -> tuple[str, bytes] | InvalidEvent | None:
                try:
                    return map_record(record, raw)
                except InvalidEvent as invalid:
                    return invalid

            def at_a_glance(self, glanced: Any, raw: bytes) -> tuple[str, bytes] | InvalidEvent | None:
                return self.judged(json.loads(raw), raw)

        monkeypatch.setattr(
            engine, "compile_mapping", lambda manifest, stream: FakeMapper() if stream == "audit_events" else None
        )
        return runner

    def test_events_go_to_the_file_of_their_class_and_are_counted(self, mapping: Runner) -> None:
        vendor = a_vendor(events=20, max_page=6)
        outcome = mapping.sync(vendor).streams["audit_events"]
        assert (outcome.new, outcome.unmapped, outcome.quarantined) == (20, 4, 2)
        assert (outcome.health, outcome.code) == ("partial", "records-quarantined")
        assert self.events(mapping.out, "authentication") == [1, 3, 9, 11, 13, 17, 19]
        assert self.events(mapping.out, "account_change") == [2, 4, 6, 8, 12, 16, 18]

    def test_record_whose_event_is_invalid_stays_in_raw_and_its_reason_is_kept(self, mapping: Runner) -> None:
        vendor = a_vendor(events=8)
        mapping.sync(vendor)
        assert mapping.ids() == expected(vendor)
        line = json.loads((mapping.out / "raw" / "audit_events.quarantine.jsonl").read_text())
        assert ("actor.user.uid" in line["reason"], line["record"]["id"]) == (True, expected(vendor)[6])

    def test_events_come_once_although_pages_are_read_again(self, mapping: Runner) -> None:
        vendor = a_vendor(events=20, max_page=6)
        vendor.faults.append(on_page(EVENTS, 3, status(410)))
        mapping.sync(vendor)
        assert len(self.events(mapping.out, "authentication")) == 7

    @staticmethod
    def events(out: Path, name: str) -> list[int]:
        lines = (out / "ocsf" / f"{name}.jsonl").read_text().splitlines()
        return [int(json.loads(line)["uid"].rsplit("_", 1)[-1]) for line in lines]


def test_pretty_printed_answers_are_read_like_compact_ones(runner: Runner) -> None:
    def pretty(vendor: Vendor, request: Any, reply: Reply) -> Reply:
        return text(json.dumps(json.loads(reply.content), indent=2), "application/json")(vendor, request, reply)

    vendor = a_vendor(users=3)
    vendor.faults.append(on_page("/v1/users", 1, pretty, times=100))
    assert runner.sync(vendor, streams=("users",)).outcome == "complete"
    assert runner.records("users") == vendor.lists["users"]


def test_folder_that_cannot_be_written_is_an_argument_error(runner: Runner) -> None:
    runner.out.mkdir()
    (runner.out / "raw").write_text("in the way")
    with pytest.raises(FixManifest, match="cannot write"):
        runner.sync(a_vendor())
