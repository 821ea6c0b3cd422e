"""Facts that lower layers announce and higher ones listen to, so that arrows keep pointing down.

A fact is a frozen dataclass defined beside the code that notices it (`access.protect.AccessDenied`). `app.py` subscribes
the audit log. A listener that fails fails the announcement: a fact of security that is not recorded must not pass quietly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Fact = TypeVar("Fact")

_listeners: dict[type[Any], list[Callable[[Any], None]]] = {}


def subscribe(kind: type[Fact], listener: Callable[[Fact], None]) -> None:
    """Call `listener` with each announced fact of exactly this type; subscribing it twice counts once."""
    listeners = _listeners.setdefault(kind, [])
    if listener not in listeners:
        listeners.append(listener)


def announce(fact: object) -> None:
    """Tell every listener, in the order of their subscription."""
    for listener in _listeners.get(type(fact), ()):
        listener(fact)
