"""Who may add people, beside having the scope: those with a role that the tenant lets invite.

`app.py` plugs in where the roles come from. A client that acts for itself is no one of the people: its scope alone counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import select

from sandbox.foundation.actor import current_actor
from sandbox.foundation.database import db
from sandbox.resources.users.model import RoleAssignment
from sandbox.resources.users.standing import refuse

SETTING = "admin.invites.allowed_roles"


def use_roles(source: Callable[[], Collection[str]]) -> None:
    """Ask `source` which roles may invite from now on; it is asked each time, so tenants may differ."""
    _roles[:] = [source]


def check_may_invite() -> None:
    """Make sure that the present actor may add people; raises Forbidden, and the audit log keeps it."""
    party = current_actor().party
    if party.type != "user":
        return
    held = select(RoleAssignment.role_key).where(RoleAssignment.user_id == party.id)
    if not set(db.session.scalars(held)) & set(_roles[0]()):
        detail = f"None of your roles may invite people. The setting {SETTING} says so."
        refuse(detail, reason="forbidden_by_setting", setting=SETTING)


_roles: list[Callable[[], Collection[str]]] = [lambda: ()]
