"""What authorization details of the type `harbor_project` (RFC 9396) let the present token reach.

They never give more than scope and roles do: they narrow it to some projects, and to some of what is in them. A token
without such details is not bound. `oauth.detail_types` says what a detail looks like and what a person reads about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

from sandbox.foundation.actor import current_actor

TYPE: Final = "harbor_project"


@dataclass(frozen=True, slots=True)
class Reach:
    """The projects that are reached: those of `ids`, and with `everywhere` each that the person can open."""

    ids: frozenset[str]
    everywhere: bool

    def covers(self, project_id: str | None) -> bool:
        """Tell whether a project is reached; what lies in none never is."""
        return project_id is not None and (self.everywhere or project_id in self.ids)


def reach(action: str | None = None, datatype: str | None = None) -> Reach | None:
    """Tell where the present token may do `action` with this kind of content; None if nothing binds it.

    Without an action: the projects that it may do anything in.
    """
    mandate = current_actor().mandate
    details = [detail for detail in mandate.details if detail["type"] == TYPE] if mandate else []
    if not details:
        return None
    fitting = [detail for detail in details if _allows(detail, action, datatype)]
    ids = {detail["identifier"] for detail in fitting if "identifier" in detail}
    return Reach(frozenset(ids), any("identifier" not in detail for detail in fitting))


def reaches(project_id: str | None, action: str, datatype: str) -> bool:
    """Tell whether the present token may do that in one project."""
    return (bounds := reach(action, datatype)) is None or bounds.covers(project_id)


def within(
    column: InstrumentedAttribute[Any], action: str | None = None, datatype: str | None = None
) -> ColumnElement[bool]:
    """Write the condition that `column`, the id of a project or None, is one that the present token reaches."""
    bounds = reach(action, datatype)
    if bounds is None:
        return true()
    return column.is_not(None) if bounds.everywhere else column.in_(sorted(bounds.ids))


def _allows(detail: dict[str, Any], action: str | None, datatype: str | None) -> bool:
    """A detail without `datatypes` means all of them."""
    return (action is None or action in detail["actions"]) and (
        datatype is None or datatype in detail.get("datatypes", (datatype,))
    )
