"""Whose things the present actor may see and change: everybody's, or what is their own and what was given to them.

For resources whose rows belong to people. Who may read the audit log sees everything, since its events name it anyway; who
may change settings acts on everything, since they could give themselves the rest. A client that acts for itself is not one
of the people: its scopes alone say what it may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox.access.permissions import subject
from sandbox.foundation.actor import current_actor
from sandbox.foundation.problems import Forbidden, InvalidRequest, NotFound
from sandbox.resources.audit_events.service import Target, record_refusal
from sandbox.resources.users.service import find


@dataclass(frozen=True, slots=True)
class Standing:
    """What the present actor is among the people; `user_id` is None for a client that acts for itself, and the system."""

    user_id: str | None = None
    email: str | None = None
    is_external: bool = False
    sees_all: bool = True
    acts_on_all: bool = True


def standing() -> Standing:
    """Tell it, by what the person's roles allow at this moment."""
    party = current_actor().party
    if party.type not in {"user", "service"}:
        return Standing()
    if party.id is None:  # Somebody whom nobody knows, such as whoever follows a public link.
        return Standing(is_external=True, sees_all=False, acts_on_all=False)
    person, permitted = find(party.id), subject(party.id)
    allowed = permitted.scopes if permitted else frozenset[str]()
    return Standing(
        user_id=person.id,
        email=person.email,
        is_external=person.is_external,
        sees_all="audit:read" in allowed,
        acts_on_all="configuration:write" in allowed,
    )


def own_or_named(me: Standing, named: str | None, field: str) -> str:
    """Tell whose a new thing is to be: the person's own, or another's whom only those name who act on everything.

    Raises InvalidRequest naming `field` where a client that acts for itself names nobody, and Forbidden.
    """
    if named is None and me.user_id is None:
        detail = "a client that acts for itself must name a person"
        raise InvalidRequest("Name whose it is to be.", errors=[{"pointer": f"/{field}", "detail": detail}])
    if named not in (None, me.user_id) and not me.acts_on_all:
        refuse(f"Only administrators may name somebody else in {field}.")
    return named or str(me.user_id)


def refuse(detail: str, *targets: Target, reason: str = "insufficient_permission", **details: Any) -> NoReturn:
    """Refuse what somebody may see but not do; raises Forbidden, and the audit log keeps it."""
    record_refusal("access.denied", targets=targets, outcome="denied", reason=reason, details=details)
    raise Forbidden(detail)


def conceal(detail: str, target: Target) -> NoReturn:
    """Answer as if there were no such thing, since they may not know; raises NotFound, and the audit log keeps it."""
    record_refusal("access.denied", targets=[target], outcome="denied", reason="insufficient_permission")
    raise NotFound(detail, id=target[1])
