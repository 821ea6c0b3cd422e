"""The stage of one step: whom it casts, from where people act, and what time it is.

What later steps must know is kept in `memory`, as JSON, so that a story can pause between two steps, go on in another
worker, and meet what a defender did meanwhile.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from sandbox.foundation.clock import now
from sandbox.lab.scenarios.casting import Casting
from sandbox.lab.scenarios.plot import Difficulty
from sandbox.lab.scenarios.program import Program
from sandbox.lab.scenarios.theater import Theater
from sandbox.lab.scenarios.visitor import Visitor

_PACE = {Difficulty.NOISY: 0.25, Difficulty.DEFAULT: 1.0, Difficulty.HARD: 6.0}


class Stage:
    """What a step works with. `rng` is a stream of the step's own: the same seed plays the same story."""

    def __init__(
        self, app: Flask, tenant_id: str, memory: dict[str, Any], *, difficulty: Difficulty, rng: random.Random
    ) -> None:
        self.memory, self.difficulty, self.rng = memory, difficulty, rng
        self.theater = Theater(app, tenant_id)
        self.cast = Casting(self.theater, rng, difficulty)

    @property
    def event_ids(self) -> list[str]:
        """What was recorded on this stage, in order."""
        return self.theater.event_ids

    def visitor(self, name: str, **given: str | None) -> Visitor:
        """Find a browser by the name that the story calls it by; `given` describes one that appears for the first time."""
        browsers = self.memory.setdefault("visitors", {})
        if given:
            browsers[name] = {"ip": None, "agent": None, "user_id": None, "cookie": None, "session_id": None, **given}
        return Visitor(self.theater, browsers[name])

    def program(self, name: str, **given: str | None) -> Program:
        """Find a program that calls the API, as `visitor` does a browser."""
        programs = self.memory.setdefault("programs", {})
        if given:
            programs[name] = {"ip": None, "agent": None, "client_id": None, "token": None, **given}
        return Program(self.theater, programs[name])

    def involve(self, kind: str, identity: str, role: str) -> None:
        """Name what takes part: `kind` is user, session, ip, app, client or file, `role` what it is in the story."""
        entity = {"type": kind, "id": identity, "role": role}
        if entity not in (involved := self.memory.setdefault("entities", [])):
            involved.append(entity)

    def between(self, shortest: float, longest: float) -> timedelta:
        """Draw how many seconds pass, at the pace of the difficulty."""
        return timedelta(seconds=self.rng.uniform(shortest, longest) * _PACE[self.difficulty])

    def until(self, hour: int, offset_minutes: int = 0, *, on_workday: bool = True) -> timedelta:
        """Tell how long it is until the next time that a clock `offset_minutes` ahead of UTC shows this hour."""
        local = self.theater.look(now) + timedelta(minutes=offset_minutes)
        then = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        while then <= local or (on_workday and then.weekday() > _FRIDAY):
            then += timedelta(days=1)
        return then - local

    def present(self) -> datetime:
        """Tell business time."""
        return self.theater.look(now)


_FRIDAY = 4
