"""Who is acting now: a person, a client, a service or the system, and from where.

Set once per request after authentication, or by the code that acts on its own; read by the audit log. Services never
take an actor as an argument, so none can forget to pass it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

Channel = Literal["ui", "api", "app", "system"]


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an event: `type` is `user`, `client`, `service` or `system`."""

    type: str
    id: str | None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from; `geo` and `network` are objects of the audit log's `source.geo` and `source.as`."""

    ip: str | None = None
    user_agent: str | None = None
    channel: Channel = "system"
    geo: dict[str, Any] | None = None
    network: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Mandate:
    """How far somebody was authorized: the scopes that count now, and the finer `details` (RFC 9396; none do not bind)."""

    scopes: frozenset[str]
    details: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for whom, with which client and session, and in which request; without a mandate nothing binds them."""

    party: Party
    source: Source = field(default_factory=Source)
    client: Party | None = None
    session_id: str | None = None
    impersonator: Party | None = None
    request_id: str | None = None
    mandate: Mandate | None = None


SYSTEM = Actor(Party("system", None, "Harbor"))

_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current_actor() -> Actor:
    """Tell who is acting; the system itself when nobody else said so."""
    return _current.get()


def set_actor(actor: Actor) -> None:
    """Make this the actor for the rest of the context."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Act as somebody for a while."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
