"""What several stories need: to cast somebody once, and the deeds of people in their own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy import func

from sandbox.foundation.database import db
from sandbox.lab.scenarios.casting import Person
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage
from sandbox.lab.scenarios.visitor import Visitor
from sandbox.resources.files import service as files
from sandbox.resources.files.model import File


def cast(stage: Stage, part: str, choose: Callable[[], Person]) -> Person:
    """Give who plays a part, choosing somebody when the part is first spoken of."""
    parts = stage.memory.setdefault("cast", {})
    if part not in parts:
        person = choose()
        stage.involve("user", person.id, part)
        parts[part] = asdict(person)
    return Person(**parts[part])


def stranger(stage: Stage, name: str, victim: Person) -> Visitor:
    """Give the attacker's browser, at a place that suits the difficulty."""
    if name not in stage.memory.get("visitors", {}):
        place = stage.cast.lair(victim)
        stage.involve("ip", str(place["ip"]), name)
        return stage.visitor(name, **place)
    return stage.visitor(name)


def at_own_desk(stage: Stage, person: Person) -> Visitor:
    """Give a person's own browser, where they usually are."""
    known = person.id in stage.memory.get("visitors", {})
    return stage.visitor(person.id) if known else stage.visitor(person.id, **person.place)


def see_files(visitor: Visitor, stage: Stage, most: int) -> list[str]:
    """Give the ids of some files that the visitor finds, in a drawn order; raises Prevented if there are none."""

    def read() -> list[str]:
        return list(db.session.scalars(files.search().with_only_columns(File.id).order_by(func.lower(File.id))))

    found: list[Any] = visitor.do(read)
    if not found:
        raise Prevented("nothing_to_find")
    stage.rng.shuffle(found)
    return found[:most]


def download(visitor: Visitor, file_id: str) -> None:
    """Download one file."""
    visitor.do(partial(files.download, file_id))
