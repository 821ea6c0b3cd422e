"""What a person may do now: asked of whoever knows the roles, so that `access` need not know them.

`app.py` plugs in the roles resource; a vendor with another authorization model plugs in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or service account that tokens speak for; `scopes` is what its roles allow at this moment.

    `is_privileged` tells whether one of the roles allows changing other people.
    """

    id: str
    type: str
    name: str
    email: str
    is_active: bool
    scopes: frozenset[str]
    is_privileged: bool = False


class PermissionSource(Protocol):
    """Knows the people of the present tenant."""

    def subject(self, user_id: str) -> Subject | None:
        """Look a person up; None when there is nobody of that id."""


_source: list[PermissionSource] = []


def use_permissions(source: PermissionSource) -> None:
    """Ask `source` from now on."""
    _source[:] = [source]


def subject(user_id: str) -> Subject | None:
    """Look a person up in the source that was plugged in."""
    return _source[0].subject(user_id)
