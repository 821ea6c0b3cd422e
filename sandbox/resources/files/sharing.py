"""How far files are shared at this moment, and what the tenant's settings allow.

A share that has expired counts no longer; its row stays until somebody ends it. The settings are asked each time, since
`app.py` plugs in where they come from (`use_policy`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from sandbox.foundation.clock import now
from sandbox.foundation.database import db
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.users.standing import Standing

REACHES: Final = ("internal", "external", "public")
"""From the narrowest to the widest."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the tenant allows: `external` is off, allowlist (partners only) or anyone; 0 days never end a public link."""

    external: str = "anyone"
    public_links: bool = True
    public_link_days: int = 0
    default_scope: str = "organization"


def use_policy(source: Callable[[], Policy]) -> None:
    """Ask `source` from now on; it is asked each time, so tenants may differ."""
    _policy[:] = [source]


def policy() -> Policy:
    """Tell what the present tenant allows."""
    return _policy[0]()


def alive() -> ColumnElement[bool]:
    """Write the condition that a share holds at this moment."""
    return or_(FileShare.expires_at.is_(None), FileShare.expires_at > now())


def widest(file_ids: Sequence[str]) -> dict[str, str]:
    """Tell how far each of some files is shared, in one statement; those that are not are left out."""
    held = select(FileShare.file_id, FileShare.reach).where(FileShare.file_id.in_(file_ids), alive())
    found: dict[str, str] = {}
    for file_id, reach in db.session.execute(held):
        found[file_id] = max(found.get(file_id, reach), reach, key=REACHES.index)
    return found


def is_shared(state: str) -> ColumnElement[bool]:
    """Write the condition that a file is shared exactly that far: private, or one of the reaches."""
    if state == "private":
        return not_(_has(REACHES))
    wider = REACHES[REACHES.index(state) + 1 :]
    return and_(_has((state,)), not_(_has(wider))) if wider else _has((state,))


def shared_with(me: Standing) -> Select[str]:
    """Select the files that somebody finds because they are shared with them: a guest by name, a colleague with all."""
    mine = FileShare.recipient == me.email
    whom = mine if me.is_external else or_(mine, FileShare.scope != "people")
    return select(FileShare.file_id).where(whom, alive())


def _has(reaches: Sequence[str]) -> ColumnElement[bool]:
    return File.id.in_(select(FileShare.file_id).where(FileShare.reach.in_(reaches), alive()))


_policy: list[Callable[[], Policy]] = [Policy]
