"""The rules of the audit log: what is recorded, by whom, when it becomes visible, and how long it is kept.

`record` is called by the code that does the thing, inside its transaction; the event is appended by the last statements
before the commit. Nothing can change or remove an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sandbox.access.key_rotation import KeyRotated, KeysWithdrawn
from sandbox.access.protect import AccessDenied
from sandbox.access.token import FamiliesRevoked
from sandbox.foundation.actor import Actor, Party, current_actor
from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.database import after_commit, at_commit, on_refusal, transaction
from sandbox.foundation.identifiers import new_id
from sandbox.resources.audit_events.catalog import ACTIONS, check, details_schema
from sandbox.resources.audit_events.chain import draft
from sandbox.resources.audit_events.delay import delay_of, postpone
from sandbox.resources.audit_events.feed import Feed, find_event
from sandbox.resources.audit_events.integrity import verify
from sandbox.resources.audit_events.seal import append

__all__ = ["find_event", "list_actions", "record", "record_refusal", "search", "verify", "witnessing"]

Target = tuple[str, str | None, str | None]

_witness: ContextVar[list[str] | None] = ContextVar("witness", default=None)


@contextmanager
def witnessing() -> Iterator[list[str]]:
    """Collect the ids of what is recorded in the block, each once its transaction is committed."""
    heard: list[str] = []
    token = _witness.set(heard)
    try:
        yield heard
    finally:
        _witness.reset(token)


def record(  # noqa: PLR0913 - an event has that many parts
    action: str,
    *,
    targets: Iterable[Target] = (),
    outcome: str = "success",
    reason: str | None = None,
    changes: Iterable[tuple[str, Any, Any]] = (),
    details: dict[str, Any] | None = None,
    actor: Actor | None = None,
    visible_after: timedelta | None = None,
    occurred_at: datetime | None = None,
) -> str:
    """Record that the current actor did something, and tell the event's id; it is visible once this transaction commits.

    `targets` are (type, id, name), `changes` are (field, old, new) in wire form. `visible_after` lets it wait for so much
    business time. What was noticed late has another `actor` and `occurred_at` than the present ones. Raises KeyError for
    an action, or a member of `details`, that the catalog does not know. Outside a transaction it makes its own.
    """
    acting, moment, told = actor or current_actor(), occurred_at or now(), details or {}
    category = check(action, told)
    event = {
        "id": new_id("evt", moment),
        "occurred_at": to_wire(moment),
        "action": action,
        "category": category,
        "outcome": {"result": outcome, "reason": reason},
        "targets": [{"type": kind, "id": id_, "name": name} for kind, id_, name in targets],
        "changes": [{"field": field, "old": old, "new": new} for field, old, new in changes],
        "details": told,
        **_who(acting),
    }
    wait = delay_of(action, category) if visible_after is None else visible_after
    with transaction():
        if wait:
            at_commit("delayed_audit_events", (draft(event), moment + wait), postpone)
        else:
            at_commit("audit_events", draft(event), append)
        if (heard := _witness.get()) is not None:
            after_commit(partial(heard.append, event["id"]))
    return str(event["id"])


def record_refusal(action: str, **event: Any) -> None:
    """Record a refusal: it is kept although what the caller asked for is rolled back."""
    actor = current_actor()
    on_refusal(lambda: record(action, actor=actor, **event))


def search(**filters: Any) -> Feed:
    """Ask the log; `filters` are those of `EventFilters`."""
    return Feed(filters)


def list_actions() -> list[dict[str, Any]]:
    """List the catalog of actions."""
    return [
        {
            "action": name,
            "category": entry.category,
            "description": entry.description,
            "since": entry.since,
            "details": details_schema(name),
        }
        for name, entry in ACTIONS.items()
    ]


def on_access_denied(fact: AccessDenied) -> None:
    """Record that a valid token was refused."""
    target = ("endpoint", fact.path, fact.path)
    details = {"method": fact.method, "path": fact.path, "required_scope": fact.scope}
    record_refusal("access.denied", targets=[target], outcome="denied", reason="insufficient_scope", details=details)


def on_families_revoked(fact: FamiliesRevoked) -> None:
    """Record that tokens died, and why."""
    targets = [("client", id_, None) for id_ in fact.client_ids] + [("user", id_, None) for id_ in fact.user_ids]
    record("oauth.token.revoked", targets=targets, details={"families": len(fact.family_ids), "cause": fact.reason})


def on_key_rotated(fact: KeyRotated) -> None:
    """Record that another key will sign."""
    details = {"algorithm": fact.algorithm, "former": fact.former, "signs_from": to_wire(fact.signs_from)}
    record("oauth.key.rotated", targets=[("key", fact.kid, fact.algorithm)], details=details)


def on_keys_withdrawn(fact: KeysWithdrawn) -> None:
    """Record which keys verify nothing any longer."""
    record("oauth.key.withdrawn", targets=[("key", kid, fact.algorithm) for kid in fact.kids])


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "actor": _party(actor.party),
        "impersonator": _party(actor.impersonator),
        "client": {"id": actor.client.id, "name": actor.client.name} if actor.client else None,
        "session_id": actor.session_id,
        "source": {
            "ip": actor.source.ip,
            "user_agent": actor.source.user_agent,
            "channel": actor.source.channel,
            "geo": actor.source.geo,
            "as": actor.source.network,
        },
        "request_id": actor.request_id,
    }


def _party(party: Party | None) -> dict[str, Any] | None:
    return {"type": party.type, "id": party.id, "email": party.email, "name": party.name} if party else None
