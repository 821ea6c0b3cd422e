"""Use, noticed cheaply: whoever keeps something that is used at every request hears of it once a minute.

Each worker remembers what it told lately, so a use costs a look into a dictionary and not a write; that two workers tell
the same minute does no harm.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import current_app

from sandbox.foundation.announce import announce
from sandbox.foundation.clock import now

NOTICED_AFTER: Final = timedelta(minutes=1)
NOTICED_THINGS: Final = 8192


@dataclass(frozen=True, slots=True)
class GrantUsed:
    """Announced when something was done by what a person allowed an application; `scopes` are those that it took."""

    grant_id: str
    scopes: frozenset[str]


def note_grant_use(grant_id: str | None, scopes: frozenset[str]) -> None:
    """Announce that scopes of a grant were used, of each at most once a minute; None is for what came of no grant."""
    if grant_id is None:
        return
    if due := frozenset(scope for scope in scopes if is_due((grant_id, scope))):
        announce(GrantUsed(grant_id, due))


def is_due(thing: Hashable) -> bool:
    """Tell whether a use is to be written down: the last that was is a minute old in business time, or unknown."""
    noticed: dict[Hashable, datetime] = current_app.extensions.setdefault("access.noticed", {})
    moment, last = now(), noticed.get(thing)
    if last is not None and timedelta(0) <= moment - last < NOTICED_AFTER:
        return False
    if len(noticed) >= NOTICED_THINGS:
        noticed.clear()
    noticed[thing] = moment
    return True
