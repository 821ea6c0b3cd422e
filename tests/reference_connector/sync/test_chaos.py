"""Whatever goes wrong in whatever order, in the end every event is there once. Hypothesis chooses the order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_connector.manifest.loader import load
from reference_connector.sync.engine import SinkName
from tests.reference_connector.conftest import SANDBOX_MANIFEST, Runner
from tests.reference_connector.vendor import Reply, Vendor, a_vendor, edited, on_page, status, text, truncated

EVENTS = "/v1/audit-events"
MANIFEST = replace(load(SANDBOX_MANIFEST), normalization=None)


class Killed(BaseException):
    """The process is gone."""


def kill(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
    raise Killed


def revoke(vendor: Vendor, request: httpx2.Request, reply: Reply) -> Reply:
    vendor.tokens.clear()
    return status(401)(vendor, request, reply)


TROUBLES: dict[str, Callable[..., Reply]] = {
    "limited": status(429, headers={"Retry-After": "1"}),
    "down": status(503),
    "cut": truncated,
    "html": text("<html>", "text/html"),
    "expired": status(410),
    "revoked": revoke,
    "killed": kill,
    "repeated": edited(lambda body: body["data"].extend(body["data"][-2:])),
    "stuck": edited(lambda body: body["page"].update(next_cursor="same", has_more=True)),
    "no token": edited(lambda body: body["page"].update(next_cursor=None, has_more=True)),
}

troubles = st.tuples(st.sampled_from(sorted(TROUBLES)), st.integers(1, 6), st.sampled_from([1, 1, 2, 50]))
rounds = st.tuples(st.integers(0, 14), st.sampled_from([0, 1, 3]), st.lists(troubles, max_size=3))


@settings(max_examples=25)
@given(plan=st.lists(rounds, min_size=1, max_size=4), sink=st.sampled_from(["jsonl", "sqlite"]))
def test_every_event_is_there_once_in_the_end(plan: list[tuple[int, int, list[Any]]], sink: SinkName) -> None:
    vendor = a_vendor(max_page=3)
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(MANIFEST, Path(folder) / "out")
        for count, seconds, chosen in plan:
            vendor.add_events(count, at=vendor.now, every=timedelta(seconds=seconds))
            vendor.now += timedelta(seconds=count * seconds + 1)
            vendor.faults = [on_page(EVENTS, page, TROUBLES[name], times=times) for name, page, times in chosen]
            with suppress(Killed):
                runner.sync(vendor, sink=sink, streams=("audit_events",))
        vendor.faults = []
        vendor.now += timedelta(minutes=1)
        outcome = runner.sync(vendor, sink=sink, streams=("audit_events",))
        assert outcome.outcome == "complete"
        assert runner.ids() == [event["id"] for event in vendor.events]
        assert outcome.streams["audit_events"].total == len(vendor.events)
