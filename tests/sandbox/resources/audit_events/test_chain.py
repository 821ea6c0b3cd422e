"""The hash chain, judged by an independent RFC 8785 implementation and by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785

from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.audit_events import service, storage
from sandbox.resources.audit_events.chain import draft, first_break, link, link_text
from sandbox.resources.audit_events.model import GENESIS
from sandbox.resources.audit_events.schema import EVENT
from tests.sandbox.resources.audit_events.conftest import an_event, as_intruder


def a_deed(number: int, **given: Any) -> dict[str, Any]:
    """An event as it is recorded: when it becomes visible is not known yet."""
    return {name: value for name, value in an_event(number, **given).items() if name != "ingested_at"}


def test_body_is_canonical_json_of_the_event() -> None:
    """RFC 8785: what is stored is what an independent implementation writes."""
    body = link(draft(a_deed(1)), GENESIS, 1, "2026-08-01T00:00:00.000Z").body
    assert body == rfc8785.dumps(json.loads(body))


def test_geography_stays_canonical() -> None:
    """Coordinates are the only fractions; ECMAScript and Python write them alike."""
    geo = {"country": "FR", "region": None, "city": "Paris", "latitude": 48.8566, "longitude": -0.0001}
    body = link(draft(a_deed(1, source={"geo": geo, "ip": None})), GENESIS, 1, "2026-08-01T00:00:00.000Z").body
    assert body == rfc8785.dumps(json.loads(body))


def test_hash_links_to_the_event_before() -> None:
    first = link(draft(a_deed(1)), GENESIS, 1, "2026-08-01T00:00:00.000Z")
    second = link(draft(a_deed(2)), first.hash, 2, "2026-08-01T00:00:00.000Z")
    event = json.loads(second.body)
    claimed = event["integrity"].pop("hash")
    assert claimed == second.hash
    assert claimed == hashlib.sha256(first.hash.encode() + rfc8785.dumps(event)).hexdigest()


def test_event_that_comes_as_text_is_linked_like_one_that_is_recorded() -> None:
    """Also when its free parts look like the place where the link belongs."""
    trap = {"details": {"x": ',"occurred_at":"'}, "session_id": ',"occurred_at":"'}
    event = an_event(1, ingested_at="2026-08-01T00:00:00.000Z", **trap)
    recorded = link(draft(a_deed(1, **trap)), GENESIS, 1, "2026-08-01T00:00:00.000Z")
    assert link_text(rfc8785.dumps(event), GENESIS, 1) == recorded
    assert json.loads(recorded.body) | {"integrity": None} == event | {"integrity": None}


def test_rendering_is_what_the_schema_documents() -> None:
    event = json.loads(link(draft(a_deed(1)), GENESIS, 1, "2026-08-01T00:00:00.000Z").body)
    assert EVENT.validate(event) == {}
    assert EVENT.dump(EVENT.load(event)) == event


@pytest.mark.parametrize("change", [b'"n":1', b"removed", b"swapped"])
def test_any_change_of_history_is_found(change: bytes) -> None:
    bodies, previous = [], GENESIS
    for number in range(1, 6):
        placed = link(draft(a_deed(number, details={"n": number})), previous, number, "2026-08-01T00:00:00.000Z")
        previous = placed.hash
        bodies.append((number, placed.body))
    assert first_break(bodies) == (5, None, previous)
    if change == b"removed":
        del bodies[2]
    elif change == b"swapped":
        bodies[2], bodies[3] = (3, bodies[3][1]), (4, bodies[2][1])
    else:
        bodies[2] = (3, bodies[2][1].replace(b'"n":3', change))
    assert first_break(bodies)[1] in {3, 4}


@pytest.mark.storage
def test_verify_walks_sealed_and_live_parts(fill: Callable[[int, int], None]) -> None:
    fill(25, 7)
    result = service.verify()
    assert (result["verified"], result["events"], result["broken_at"]) == (True, 32, None)


@pytest.mark.storage
@pytest.mark.control("LOG-SaaS-07", flow="writing is refused; history that was changed is found")
def test_verify_tells_where_a_row_was_changed(fill: Callable[[int, int], None]) -> None:
    fill(15, 5)
    live = storage.LIVE
    with as_intruder() as session:
        mine = (live.c.tenant_id == current_tenant_id(), live.c.sequence == 17)
        body = session.execute(live.select().where(*mine)).one().body
        session.execute(live.update().where(*mine).values(body=body.replace('"n1"', '"n2"')))
    result = service.verify()
    assert (result["verified"], result["broken_at"], result["events"]) == (False, 17, 16)


@pytest.mark.storage
def test_verify_tells_when_the_end_was_cut_off(fill: Callable[[int, int], None]) -> None:
    fill(0, 5)
    live = storage.LIVE
    with as_intruder() as session:
        session.execute(live.delete().where(live.c.tenant_id == current_tenant_id(), live.c.sequence == 5))
    result = service.verify()
    assert (result["verified"], result["broken_at"]) == (False, 5)
