"""Appending: what is kept of a transaction, of a refusal, and in which shape (rulings 5 and 11)."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from sandbox.foundation.database import transaction
from sandbox.foundation.problems import Conflict
from sandbox.resources.audit_events import service, storage
from sandbox.resources.audit_events.schema import EVENT


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
    with pytest.raises(KeyError, match=r"file\.viewed has no mood"):
        service.record("file.viewed", details={"mood": "good"})
    assert storage.read_head().sequence == 0


@pytest.mark.usefixtures("in_acme")
def test_recorded_event_has_the_shape_of_the_schema() -> None:
    """What is recorded is written as it is, so it must be what the schema documents."""
    targets, changes = [("user", "usr_1", "Ann")], [("name", None, {"a": [1]})]
    details = {"scope": "people", "recipient": None}
    service.record("file.shared", targets=targets, changes=changes, details=details, reason="why", outcome="failure")
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
