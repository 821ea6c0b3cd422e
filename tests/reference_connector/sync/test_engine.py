"""The whole sync against the vendor in a good mood."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reference_connector.sync.engine import SinkName
from tests.reference_connector.conftest import Runner
from tests.reference_connector.vendor import a_vendor


@pytest.mark.parametrize("sink", ["jsonl", "sqlite"])
def test_sync_writes_every_record_once_in_the_vendors_order(runner: Runner, sink: SinkName) -> None:
    vendor = a_vendor(users=25, events=90, max_page=10)
    outcome = runner.sync(vendor, sink=sink)
    assert outcome.outcome == "complete", runner.run_json()
    assert runner.ids() == [event["id"] for event in vendor.events]
    assert runner.records("users") == vendor.lists["users"]


@pytest.mark.parametrize("sink", ["jsonl", "sqlite"])
def test_second_sync_adds_only_what_is_new(runner: Runner, sink: SinkName) -> None:
    vendor = a_vendor(events=30, max_page=10)
    runner.sync(vendor, sink=sink)
    vendor.add_events(5)
    vendor.now += timedelta(seconds=20)
    outcome = runner.sync(vendor, sink=sink).streams["audit_events"]
    assert (outcome.new, outcome.total) == (5, 35)
    assert runner.ids() == [event["id"] for event in vendor.events]


def test_sync_ends_although_the_vendors_clock_runs_on(runner: Runner) -> None:
    """The end is fixed when the run starts: a window each time the clock moved would never end."""
    vendor = a_vendor(events=30, max_page=10)
    vendor.faults.append(lambda one, request, reply: setattr(one, "now", one.now + timedelta(milliseconds=7)))
    runner.sync(vendor)
    assert len(vendor.calls("/audit-events")) <= 5
    assert runner.ids() == [event["id"] for event in vendor.events]
