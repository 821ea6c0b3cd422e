"""What the housekeeper does for the log, in one round and behind two workers."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from flask import Flask
from sqlalchemy import func, select

from sandbox.foundation.database import db
from sandbox.foundation.housekeeper import Housekeeper
from sandbox.foundation.tenancy import across_tenants, enter
from sandbox.resources.audit_events import retention, service
from sandbox.resources.audit_events.model import AuditEvent, DelayedEvent
from sandbox.resources.audit_events.storage import read_head
from tests import live
from tests.sandbox.oauth.journey import CONNECTOR

Travel = Callable[[timedelta], None]


@pytest.fixture
def keeper(app: Flask) -> Housekeeper:
    """The housekeeper of the application."""
    keeper: Housekeeper = app.extensions["housekeeper"]
    keeper.holder = "test"
    return keeper


def count(app: Flask, model: type[AuditEvent | DelayedEvent]) -> int:
    with app.app_context(), across_tenants("to count what lies in the tables, which reading would change"):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.storage
def test_delayed_event_becomes_visible_while_nobody_reads(app: Flask, keeper: Housekeeper, travel: Travel) -> None:
    with app.app_context(), enter("acme"):
        service.record("file.viewed", visible_after=timedelta(hours=1))
    keeper.round()
    waiting = count(app, DelayedEvent)
    travel(timedelta(hours=1))
    keeper.round()
    assert (waiting, count(app, DelayedEvent), count(app, AuditEvent)) == (1, 0, 1)


@pytest.mark.storage
def test_old_events_go_while_nobody_reads(app: Flask, keeper: Housekeeper, travel: Travel) -> None:
    with app.app_context(), enter("acme"):
        service.record("file.viewed")
        retention.keep_for(7)
    travel(timedelta(days=7, minutes=30))
    keeper.round()
    kept = count(app, AuditEvent)
    travel(timedelta(minutes=31))
    keeper.round()
    with app.app_context(), enter("acme"):
        assert (kept, count(app, AuditEvent), read_head().floor) == (1, 0, 1)
        assert service.verify()["verified"]


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_server_with_two_workers_has_one_housekeeper(tmp_path: Path) -> None:
    """Nobody reads the log here: the queue is watched in the database itself."""
    with live.serving(f"sqlite:///{tmp_path}/harbor.sqlite", tmp_path) as url:
        form = {"grant_type": "client_credentials"}
        httpx2.put(f"{url}/_lab/clock", json={"rate": 3600}).raise_for_status()
        fault = {"kind": "late_record", "parameters": {"seconds": 60}, "count": 1}
        httpx2.post(f"{url}/_lab/faults", json=fault).raise_for_status()
        httpx2.post(f"{url}/oauth/token", data=form, auth=CONNECTOR).raise_for_status()
        database = sqlite3.connect(tmp_path / "harbor.sqlite")
        deadline = time.monotonic() + 60
        while database.execute("SELECT count(*) FROM audit_delayed").fetchone() != (0,):
            assert time.monotonic() < deadline, "the event still waits"
            time.sleep(0.1)
        (holders,) = database.execute("SELECT count(*) FROM leases WHERE name = 'housekeeper'").fetchone()
        database.close()
    assert holders == 1
