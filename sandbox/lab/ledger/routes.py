"""`/_lab/ledger`: the score of a connector, whoever wrote it, from what it was served."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint
from marshmallow import Schema, fields, validate

from sandbox.access.client import find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import FieldError, InvalidRequest, NotFound
from sandbox.http.contract import NoFilters, accepts, read_query, single_values
from sandbox.lab import door
from sandbox.lab.ledger import store
from sandbox.lab.ledger.score import score, service_of
from sandbox.resources.audit_events.feed import present_head
from sandbox.resources.audit_events.storage import Span, floor_of, read

blueprint = Blueprint("ledger", __name__, url_prefix="/_lab/ledger")
blueprint.before_request(door.check)


class Whose(Schema):
    """Whose ledger; everybody's if no client is named."""

    client_id = fields.String(load_default=None, validate=validate.Length(1, 300))


class ScoreFilters(Whose):
    """How far it should have read, and what is late, in seconds of business time."""

    until_sequence = fields.Integer(load_default=None, validate=validate.Range(0, 2**62))
    late_after = fields.Float(load_default=300.0, validate=validate.Range(0, 10**9))


@blueprint.get("")
@accepts(query=ScoreFilters())
def read_ledger(client_id: str | None, until_sequence: int | None, late_after: float) -> dict[str, Any]:
    """Score a client, or under `data` every client that asked for anything."""
    lost = store.store_present()
    found = store.sums(client_id)
    if client_id is not None and client_id not in found and find_client(client_id) is None:
        detail = "there is no client of that id"
        raise InvalidRequest(f"Correct ?client_id: {detail}.", errors=[FieldError(pointer="?client_id", detail=detail)])
    names = [client_id] if client_id is not None else list(found)
    scores = [score(name, found.get(name, []), until_sequence=until_sequence, late_after=late_after) for name in names]
    return {**scores[0], "lost_notes": lost} if client_id is not None else {"data": scores, "lost_notes": lost}


@blueprint.delete("")
@accepts(query=Whose())
def forget_ledger(client_id: str | None) -> dict[str, int]:
    """Begin anew, for one client or all of them."""
    store.store_present()
    with transaction():
        return {"cleared": store.forget(client_id)}


@blueprint.get("/events/<int:sequence>")
def read_event(sequence: int) -> dict[str, Any]:
    """Tell when an event became visible, and which client was served it how often."""
    read_query(NoFilters(), single_values())
    store.store_present()
    head = present_head()
    found = read(head, Span(max(sequence, floor_of(head) + 1), min(sequence, head.sequence)), lambda _: [], 1)
    if not found:
        raise NotFound(f"The log has no event {sequence} now.", sequence=sequence)
    event = orjson.loads(found[0][1])
    served = service_of(sequence, store.sums(None))
    moments = {name: event[name] for name in ("id", "occurred_at", "ingested_at")}
    return {"sequence": sequence, **moments, "served": served}
