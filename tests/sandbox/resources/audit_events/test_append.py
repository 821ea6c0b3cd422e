"""Appending: several writers at once and a follower that misses nothing (rulings 5 and 11)."""

from __future__ import annotations

import json
import random
import threading
import time
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import text

from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import Conflict
from sandbox.foundation.tenancy import enter
from sandbox.http.pagination.style import Place
from sandbox.resources.audit_events import service, storage
from sandbox.resources.audit_events.schema import EVENT

WRITERS, EVENTS = 8, 12


@pytest.mark.storage
def test_follower_misses_nothing_while_writers_hold_commits_back(app: Flask) -> None:
    """An event never becomes visible behind a position that a reader has passed."""
    seen: list[str] = []
    done = threading.Event()
    follower = threading.Thread(target=_follow, args=(app, seen, done))
    writers = [threading.Thread(target=_write, args=(app, number)) for number in range(WRITERS)]
    for thread in (follower, *writers):
        thread.start()
    for writer in writers:
        writer.join()
    done.set()
    follower.join()
    assert sorted(seen) == sorted(f"{writer}-{event}" for writer in range(WRITERS) for event in range(EVENTS))


def _write(app: Flask, number: int) -> None:
    """Write events whose transactions take their time before and after the append."""
    pause = random.Random(number)
    with app.app_context(), enter("acme"):
        for event in range(EVENTS):
            with transaction() as session:
                service.record("file.viewed", details={"mark": f"{number}-{event}"})
                if db.engine.dialect.name == "postgresql":
                    time.sleep(pause.random() * 0.004)  # Others commit meanwhile; SQLite has one writer at a time.
                session.execute(text("SELECT 1"))


def _follow(app: Flask, seen: list[str], done: threading.Event) -> None:
    after = None
    with app.app_context():
        while True:
            last_round = done.is_set()
            with enter("acme"):
                page = service.search(order="asc").turn(Place(7, after, {}))
            after = page.last
            seen += [json.loads(body)["details"]["mark"] for body in page.items]
            if last_round and not page.has_more:
                return


@pytest.mark.usefixtures("in_acme")
def test_event_of_a_rolled_back_transaction_never_existed() -> None:
    with suppress(Conflict), transaction():
        service.record("file.viewed")
        raise Conflict("no")
    assert storage.read_head().sequence == 0


@pytest.mark.usefixtures("in_acme")
def test_refusal_is_recorded_although_the_work_is_rolled_back() -> None:
    """A refusal's own writes last (rulings 5)."""
    with suppress(Conflict), transaction():
        service.record("file.viewed")
        service.record_refusal("access.denied", outcome="denied", reason="why")
        raise Conflict("no")
    (event,) = [json.loads(body) for _, body in storage.walk(storage.read_head())]
    assert (event["action"], event["outcome"]) == ("access.denied", {"result": "denied", "reason": "why"})


@pytest.mark.usefixtures("in_acme")
def test_action_outside_the_catalog_cannot_be_recorded() -> None:
    with pytest.raises(KeyError):
        service.record("file.licked")


@pytest.mark.usefixtures("in_acme")
def test_recorded_event_has_the_shape_of_the_schema() -> None:
    """What is recorded is written as it is, so it must be what the schema documents."""
    targets, changes = [("user", "usr_1", "Ann")], [("name", None, {"a": [1]})]
    service.record("user.updated", targets=targets, changes=changes, details={"x": 1}, reason="why", outcome="failure")
    (event,) = [json.loads(body) for _, body in storage.walk(storage.read_head())]
    assert EVENT.validate(event) == {}
    assert EVENT.dump(event) == event


@pytest.mark.usefixtures("in_acme")
def test_events_of_one_transaction_are_numbered_without_gaps() -> None:
    with transaction():
        for _ in range(5):
            service.record("file.viewed")
    service.record("file.viewed")
    bodies = [json.loads(body)["integrity"]["sequence"] for _, body in storage.walk(storage.read_head())]
    assert bodies == [1, 2, 3, 4, 5, 6]
