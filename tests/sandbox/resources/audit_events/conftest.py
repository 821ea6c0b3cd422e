from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from flask import Flask
from sqlalchemy import text

from sandbox.foundation import clock
from sandbox.foundation.clock import from_wire, milliseconds, to_wire
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import base32
from sandbox.foundation.tenancy import enter
from sandbox.resources.audit_events import seal, service, storage

START = datetime(2026, 8, 1, tzinfo=UTC)
ACTIONS = ("file.viewed", "file.downloaded", "auth.login.succeeded")


def occurred_at(number: int) -> datetime:
    """When a seeded event happened."""
    return START + timedelta(minutes=number - number % 7 * 3)


def an_event(number: int, **given: Any) -> dict[str, Any]:
    """A seeded event: `occurred_at` jumps about, `ingested_at` stands still for pairs and never goes back."""
    return {
        "id": f"evt_{base32((milliseconds(occurred_at(number)) << 80) + number)}",
        "occurred_at": to_wire(occurred_at(number)),
        "ingested_at": to_wire(START + timedelta(minutes=number // 2 * 2)),
        "action": ACTIONS[number % 3],
        "category": "file",
        "outcome": {"result": "failure" if number % 5 == 0 else "success", "reason": None},
        "actor": {
            "type": "user",
            "id": f"usr_{number % 4}",
            "email": "ä\u2028@acme.example",
            "name": 'Zoë "Z" \\ \x07',
        },
        "impersonator": None,
        "client": {"id": "web", "name": "Web"},
        "session_id": None,
        "source": {"ip": None, "user_agent": None, "channel": "ui", "geo": None, "as": None},
        "targets": [],
        "changes": [],
        "request_id": None,
        "details": {"integrity": {"hash": "x", "sequence": 1}, "b": 1, "a": [None, True]},
        **given,
    }


def a_line(number: int) -> seal.Line:
    """The same event as a history brings it."""
    event = an_event(number)
    occurred, ingested = (milliseconds(from_wire(event[name])) for name in ("occurred_at", "ingested_at"))
    result, actor_id = event["outcome"]["result"], event["actor"]["id"]
    return rfc8785.dumps(event), occurred, ingested, event["action"], result, actor_id


@contextmanager
def as_intruder() -> Iterator[Any]:
    """Do to live events what the database refuses: whoever owns it can switch the triggers off first."""
    with transaction() as session:
        if db.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
            yield session
            session.execute(text("ALTER TABLE audit_events ENABLE TRIGGER USER"))
        else:
            for change in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER audit_events_no_{change}"))
            yield session


def events() -> list[dict[str, Any]]:
    """The whole log of the present tenant, oldest first, as it lies in the database."""
    return [json.loads(body) for _, body in storage.walk(storage.read_head())]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 10, so that a page spans several."""
    monkeypatch.setattr(storage, "BLOCK_EVENTS", 10)
    monkeypatch.setattr(seal, "BLOCK_EVENTS", 10)


@pytest.fixture
def fill(app: Flask, small_blocks: None) -> Iterator[Callable[[int, int], None]]:
    """`fill(sealed, live)`: a log of acme with that many sealed and live events; the live ones a minute apart."""
    with app.app_context(), enter("acme"):
        former = clock.bound()

        def make(sealed: int, live: int) -> None:
            with transaction() as session:
                if sealed:
                    seal.seal_history(session, "history", map(a_line, range(1, sealed + 1)))
                seal.open_log(session, "history" if sealed else None)
            for number in range(live):
                moment = START + timedelta(days=10, minutes=number)
                clock.bind(clock.Clock(moment, clock.wall_now(), 0))
                service.record(ACTIONS[number % 3], reason=f"n{number}")

        yield make
        clock.bind(former)
