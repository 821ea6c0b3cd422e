"""Following the log for ever while many write to it: nothing missing, nothing twice, in one order (rulings 10 and 11).

Eight writers, each with a connection of its own, commit one, two or three events at a time. Some take their time before
they append, some hold their commit back when everything is written, some give up at the end, and some of the events wait in
the queue. Three followers read meanwhile, each in its own way.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict
from sandbox.foundation.tenancy import enter
from sandbox.http.pagination.style import Place
from sandbox.resources.audit_events import service, storage
from tests.sandbox.resources.audit_events.conftest import events

WRITERS, TRANSACTIONS = 8, 15
ACTIONS = ("file.viewed", "file.deleted")

_chance = threading.local()


@pytest.fixture
def held_back(app: Flask) -> Iterator[None]:
    """Commits of writers wait a little, when everything is written and the head is taken."""

    def wait(_: object) -> None:
        if (dice := getattr(_chance, "dice", None)) is not None and dice.random() < 0.5:
            time.sleep(dice.random() * 0.004)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", wait)
    yield
    event.remove(engine, "commit", wait)


@pytest.mark.storage
@pytest.mark.usefixtures("held_back")
@pytest.mark.parametrize("seed", [1, 2])
def test_followers_miss_nothing_and_see_nothing_twice(app: Flask, seed: int) -> None:
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + 3) as threads:
        pages = threads.submit(_follow, app, done, {"order": "asc"}, limit=7)
        filtered = threads.submit(_follow, app, done, {"order": "asc", "action": ACTIONS[0]}, limit=3)
        streamed = threads.submit(_follow, app, done, {"order": "asc"}, limit=50, streams=True)
        writers = [threads.submit(_write, app, seed * 100 + number) for number in range(WRITERS)]
        try:
            written = [mark for writer in writers for mark in writer.result()]
        finally:
            done.set()
        seen, some, lines = pages.result(), filtered.result(), streamed.result()
    assert sorted(_marks(seen)) == sorted(written)
    assert _numbers(seen) == _numbers(lines) == list(range(1, len(written) + 1))
    assert some == [one for one in seen if one["action"] == ACTIONS[0]]
    with app.app_context(), enter("acme"):
        assert service.verify()["verified"]
        assert events() == seen


def _write(app: Flask, seed: int) -> list[str]:
    """Write, and tell what was committed."""
    dice = _chance.dice = random.Random(seed)
    committed: list[str] = []
    with app.app_context(), enter("acme"):
        for number in range(TRANSACTIONS):
            marks = [f"{seed}-{number}-{place}" for place in range(dice.randint(1, 3))]
            with suppress(Conflict), transaction():
                for mark in marks:
                    wait = timedelta(milliseconds=dice.randint(1, 30)) if dice.random() < 0.2 else None
                    service.record(dice.choice(ACTIONS), reason=mark, visible_after=wait)
                if db.engine.dialect.name == "postgresql":
                    time.sleep(dice.random() * 0.004)  # Others commit meanwhile; SQLite has one writer at a time.
                if dice.random() < 0.1:
                    raise Conflict("given up at the end")
                committed += marks
    return committed


def _follow(
    app: Flask, done: threading.Event, filters: dict[str, Any], *, limit: int, streams: bool = False
) -> list[dict[str, Any]]:
    """Read on from one's own position until the writers are done and nothing waits in the queue."""
    seen: list[dict[str, Any]] = []
    after = None
    with app.app_context():
        while True:
            last_round = done.is_set()
            with enter("acme"):
                waits = storage.read_head().due_at is not None  # Asked first: another reader may let it in meanwhile.
                feed = service.search(**filters)
                page = (feed.plan if streams else feed.turn)(Place(limit, after, {}))
                bodies = feed.fetch(page.items) if streams else page.items
            after = page.last
            seen += map(json.loads, bodies)
            if last_round and not page.has_more and not waits:
                return seen


def _marks(seen: list[dict[str, Any]]) -> list[str]:
    return [one["outcome"]["reason"] for one in seen]


def _numbers(seen: list[dict[str, Any]]) -> list[int]:
    return [one["integrity"]["sequence"] for one in seen]
