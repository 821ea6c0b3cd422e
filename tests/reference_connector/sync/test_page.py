"""Pages of a log, which are taken apart rather than decoded: the records stay as they came, one line each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from reference_connector.expressions import parse
from reference_connector.manifest.model import Stream
from tests.reference_connector.conftest import Runner
from tests.reference_connector.vendor import Reply, Vendor, a_vendor, on_page, rewritten, spoiled

EVENTS = "/v1/audit-events"


@pytest.mark.parametrize("style", [{}, {"indent": 2}, {"indent": 2, "separators": (",", ":")}, {"sort_keys": True}])
def test_records_are_one_line_each_however_the_vendor_writes_json(runner: Runner, style: dict[str, Any]) -> None:
    vendor = a_vendor(events=30, max_page=10)
    vendor.faults.append(on_page(EVENTS, 1, rewritten(**style), times=9))
    assert runner.sync(vendor).outcome == "complete"
    assert runner.records("audit_events") == vendor.events


def test_records_of_the_log_are_kept_as_the_vendor_wrote_them(runner: Runner) -> None:
    """Evidence is what was sent, with its blanks and escapes, not what a parser makes of it."""
    vendor = a_vendor(events=2)
    vendor.faults.append(on_page(EVENTS, 1, spoiled(b'"number":64500', b'"number" : 6.45e4')))
    runner.sync(vendor)
    lines = (runner.out / "raw" / "audit_events.jsonl").read_bytes().splitlines()
    written = [json.dumps(event, separators=(",", ":")) for event in vendor.events]
    assert [line.decode().replace('"number" : 6.45e4', '"number":64500') for line in lines] == written
    assert all(b'"number" : 6.45e4' in line for line in lines)


@pytest.mark.parametrize("token", ["{{ last_record.id }}", "{{ response.data[-1].id }}", "{{ last_record['id'] }}"])
def test_page_token_may_be_read_from_the_last_record(runner: Runner, token: str) -> None:
    """Keyset paging: the position is the last record itself."""
    vendor = a_vendor(events=30, max_page=10)

    def by_position(stream: Stream) -> Stream:
        paginator = stream.retriever.paginator
        assert paginator is not None
        template = parse(token, frozenset({"last_record", "response"}))
        strategy = replace(paginator.pagination_strategy, cursor_value=template)
        paginator = replace(paginator, pagination_strategy=strategy)
        return replace(stream, retriever=replace(stream.retriever, paginator=paginator))

    def position_as_cursor(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
        position = request.url.params.get("cursor")
        earlier = next((n + 1 for n, event in enumerate(vendor.events) if event["id"] == position), 0)
        page = {"has_more": earlier + 10 < 30, "next_cursor": "unused"}
        body = {"data": vendor.events[earlier : earlier + 10], "page": page}
        headers = {**reply.headers, "content-type": "application/json"}
        headers.pop("content-length")
        return httpx2.Response(200, content=json.dumps(body).encode(), headers=headers)

    vendor.faults.append(on_page(EVENTS, 1, position_as_cursor, times=9))
    streams = tuple(by_position(each) if each.name == "audit_events" else each for each in runner.manifest.streams)
    by_keyset = replace(runner, manifest=replace(runner.manifest, streams=streams))
    assert by_keyset.sync(vendor).outcome == "complete"
    assert by_keyset.ids() == [event["id"] for event in vendor.events]
