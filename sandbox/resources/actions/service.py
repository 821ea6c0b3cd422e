"""The rules of response actions: whole or not at all, repeatable, rehearsable, and always written down.

A dry run really does everything and rolls it back, so that it cannot promise anything else than what would happen. It
leaves no record, and so has no id.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Select, select

from sandbox.foundation.actor import current_actor
from sandbox.foundation.clock import now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.problems import InvalidRequest, NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.resources.actions.catalog import CATALOG
from sandbox.resources.actions.model import Action


def take(name: str, target_id: str, *, reason: str, dry_run: bool = False, undo_of: str | None = None) -> Action:
    """Take an action and answer its record; doing again what is done already is recorded as having changed nothing.

    Raises NotFound for the target, InvalidRequest for an `undo_of` that this action does not undo, and whatever the
    services behind it refuse.
    """
    if dry_run:
        return _rehearse(name, target_id, reason=reason, undo_of=undo_of)
    with transaction() as session:
        action = _perform(name, target_id, reason=reason, undo_of=undo_of)
        session.add(action)
        return action


def search(**filters: Any) -> Select[Action]:
    """Select actions; `filters` are those of `ActionFilters`."""
    return select(Action).filter_by(**filters)


def find(action_id: str) -> Action:
    """Find an action by id; raises NotFound."""
    if (action := db.session.get(Action, (current_tenant_id(), action_id))) is None:
        raise NotFound(f"There is no action {action_id}.", id=action_id)
    return action


class _Rehearsed(Exception):
    """Everything went well and is to be undone; carries what it came to."""

    def __init__(self, action: Action) -> None:
        self.action = action


def _rehearse(name: str, target_id: str, *, reason: str, undo_of: str | None) -> Action:
    try:
        with transaction():
            raise _Rehearsed(_perform(name, target_id, reason=reason, undo_of=undo_of))
    except _Rehearsed as rehearsal:
        action = rehearsal.action
        action.id, action.status = None, "dry_run"  # type: ignore[assignment] # What never happened has no id.
        return action


def _perform(name: str, target_id: str, *, reason: str, undo_of: str | None) -> Action:
    kind = CATALOG[name]
    target_type, target_id_, target_name = kind.target(target_id)
    if undo_of is not None:
        _check_undo(undo_of, name, target_id)
    action_id = new_id("act")
    return Action(
        id=action_id,
        name=name,
        target_type=target_type,
        target_id=target_id_,
        target_name=target_name,
        reason=reason,
        status="completed",
        actor=asdict(current_actor().party),
        created_at=now(),
        inverse=kind.inverse,
        undo_of=undo_of,
        result=kind.perform(target_id, {"action_id": action_id, "reason": reason}),
    )


def _check_undo(undo_of: str, name: str, target_id: str) -> None:
    undone = db.session.get(Action, (current_tenant_id(), undo_of))
    if undone is None or undone.target_id != target_id or undone.inverse != name:
        detail = f"{undo_of} is no action on {target_id} that {name} undoes"
        raise InvalidRequest(
            "Name the action that this one undoes.", errors=[{"pointer": "/undo_of", "detail": detail}]
        )
