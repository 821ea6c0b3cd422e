"""Finding again who plays a part: cast when the part is first spoken of, the same person ever after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.lab.scenarios.casting import Person, Place
from sandbox.lab.scenarios.program import Program
from sandbox.lab.scenarios.stage import Stage
from sandbox.lab.scenarios.visitor import Visitor


def cast(stage: Stage, part: str, choose: Callable[[], Person]) -> Person:
    """Give who plays a part, choosing somebody when the part is first spoken of."""
    parts: dict[str, Any] = stage.memory.setdefault("cast", {})
    if part not in parts:
        person = choose()
        stage.involve("user", person.id, part)
        parts[part] = asdict(person)
    return Person(**parts[part])


def who(stage: Stage, part: str) -> Person:
    """Give who plays a part that was cast before."""
    return Person(**stage.memory["cast"][part])


def stranger(stage: Stage, name: str, victim: Person) -> Visitor:
    """Give an attacker's browser, at a place that suits the difficulty."""
    return at(stage, name, lambda: stage.cast.lair(victim))


def at(stage: Stage, name: str, place: Callable[[], Place]) -> Visitor:
    """Give a browser, at a place that is chosen when it is first spoken of."""
    if name in stage.memory.get("visitors", {}):
        return stage.visitor(name)
    chosen = place()
    stage.involve("ip", str(chosen["ip"]), name)
    return stage.visitor(name, **chosen)


def at_own_desk(stage: Stage, person: Person) -> Visitor:
    """Give a person's own browser, where they usually are."""
    known = person.id in stage.memory.get("visitors", {})
    return stage.visitor(person.id) if known else stage.visitor(person.id, **person.place)


def thief(stage: Stage, name: str, victim: Person, **has: str | None) -> Program:
    """Give an attacker's program, at a place that suits the difficulty, with what it stole."""
    place = stage.cast.lair(victim)
    stage.involve("ip", str(place["ip"]), name)
    return stage.program(name, **place, **has)
