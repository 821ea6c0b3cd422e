"""What a fault is: a kind of misbehavior with its story, where it acts, and what it does there.

A kind acts at one or more of three points. `before` the request is looked at: it may answer or raise instead of the API.
`authenticated`, once the caller is known: it may raise, or change the world. `respond`, on the finished answer: it may give
another one. Client and route, and how often, are not its business: the engine asks it only when it is to act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from marshmallow import Schema

from sandbox.access.bearer import Access

Given = Mapping[str, Any]


class NoParameters(Schema):
    """Nothing to choose."""


NO_PARAMETERS = NoParameters()


@dataclass(slots=True)
class Call:
    """What a fault sees of a request beside the request itself.

    `client_id` is what the request claims until the client is authenticated; `access` and `response` come when they are
    there. What is entered into `leave` ends with the request.
    """

    client_id: str | None
    access: Access | None = None
    response: Response | None = None
    fired: list[str] = field(default_factory=list)
    drawn: dict[str, bool] = field(default_factory=dict)
    leave: ExitStack = field(default_factory=ExitStack)


def _always(_: Call, __: Given) -> bool:
    return True


def _none(_: Given) -> int:
    return 0


def _nothing(_: Given) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. `story` is where it was met in the real world, `remedy` what a good client does about it.

    `routes` are names of views or patterns of paths where it acts unless a fault names its own; none means everywhere.
    `applies` tells whether a request is one that counts; `skips` how many of those go by before the first may be hit;
    `count` how often it acts unless a fault says so, None for as long as it is set. `when_set` prepares the world and gives
    what it has to remember, which is added to the parameters.
    """

    name: str
    story: str
    remedy: str
    routes: tuple[str, ...] = ()
    parameters: Schema = NO_PARAMETERS
    count: int | None = None
    applies: Callable[[Call, Given], bool] = _always
    skips: Callable[[Given], int] = _none
    when_set: Callable[[Given], dict[str, Any]] = _nothing
    before: Callable[[Call, Given], Response | None] | None = None
    authenticated: Callable[[Call, Given], None] | None = None
    respond: Callable[[Call, Given, Response], Response] | None = None

    @property
    def points(self) -> list[str]:
        """Where it acts, in the order of a request."""
        return [point for point in ("before", "authenticated", "respond") if getattr(self, point) is not None]
