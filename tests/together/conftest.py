"""A small company to be read, and a connector to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.audit_events.service import record
from sandbox.resources.groups.model import Group
from sandbox.resources.users.model import User
from tests import builders
from tests.builders import BUSINESS_START
from tests.sandbox.resources.conftest import acme, anything, logged, travel
from tests.together.halves import Acme, Halves

__all__ = ["acme", "anything", "logged", "travel"]


@dataclass
class Company:
    """What there is to be read, by stream, in the order of a style."""

    by_key: dict[str, list[str]]
    by_moment: dict[str, list[str]]

    def expected(self, style: str, stream: str) -> list[str]:
        """The ids in the order in which a style shows them."""
        return (self.by_moment if style == "timestamp-keyset" else self.by_key)[stream]


@pytest.fixture
def halves(app: Flask, acme: Acme, tmp_path: Path) -> Halves:
    return Halves(app, acme, tmp_path)


@pytest.fixture
def company(halves: Halves, acme: Acme, travel: Callable[[timedelta], None], logged: Callable[..., list]) -> Company:
    """23 people, of whom always four were added in the same millisecond, 14 groups, 30 events and more, settled."""
    with acme():
        for number in range(23):
            builders.a_user(created_at=BUSINESS_START - timedelta(days=9) + timedelta(hours=number // 4))
        for number in range(14):
            builders.a_group(created_at=BUSINESS_START - timedelta(days=9) + timedelta(hours=number))
        for _ in range(30):
            record("file.viewed")
    events = [event["id"] for event in logged()]
    travel(timedelta(minutes=1))
    with acme():
        keyed = {"users": _ids(User, User.id), "groups": _ids(Group, Group.id)}
        stamped = {
            "users": _ids(User, User.created_at, User.id),
            "groups": _ids(Group, Group.created_at, Group.id),
        }
    return Company({**keyed, "audit_events": events}, {**stamped, "audit_events": events})


def _ids(table: type[User | Group], *order: object) -> list[str]:
    return list(db.session.scalars(select(table.id).order_by(*order)))  # type: ignore[arg-type]
