"""A small company to be read, and a connector to read it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from flask import Flask
from sqlalchemy import select, update

from sandbox.app import create_app
from sandbox.foundation import clock, tenancy
from sandbox.foundation.clock import milliseconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import Tenant
from sandbox.resources.audit_events import storage
from sandbox.resources.audit_events.service import record
from sandbox.resources.groups.model import Group
from sandbox.resources.users.model import User
from sandbox.settings import Settings
from tests import builders
from tests.builders import BUSINESS_START
from tests.together.halves import Acme, Halves

A_WEEK_AGO = BUSINESS_START - timedelta(days=7)


@pytest.fixture(scope="session")
def empty_database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """23 people, of whom always four were added in the same millisecond, 14 groups, and 30 events of an hour ago.

    Business time stands still, so nothing depends on how long a test takes.
    """
    path = tmp_path_factory.mktemp("company") / "company.sqlite"
    shutil.copyfile(empty_database, path)
    with create_app(Settings(database_url=f"sqlite:///{path}")).app_context():
        with tenancy.enter("acme"):
            _found_company()
        db.engine.dispose()
    return path


def _found_company() -> None:
    builders.a_client()
    for number in range(23):
        builders.a_user(created_at=A_WEEK_AGO + timedelta(hours=number // 4))
    for number in range(14):
        builders.a_group(created_at=A_WEEK_AGO + timedelta(hours=number))
    for number in range(30):
        moment = BUSINESS_START + timedelta(hours=1, milliseconds=number // 4)
        clock.bind(clock.Clock(moment, clock.wall_now(), 0))
        record("file.viewed")
    with transaction() as session:
        later = milliseconds(BUSINESS_START + timedelta(hours=2))
        session.execute(update(Tenant).values(clock_business=later, clock_rate=0.0))


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
def company(acme: Acme) -> Company:
    with acme():
        events = [orjson.loads(body)["id"] for _, body in storage.walk(storage.read_head())]
        keyed = {"users": _ids(User, User.id), "groups": _ids(Group, Group.id)}
        stamped = {
            "users": _ids(User, User.created_at, User.id),
            "groups": _ids(Group, Group.created_at, Group.id),
        }
    return Company({**keyed, "audit_events": events}, {**stamped, "audit_events": events})


def _ids(table: type[User | Group], *order: object) -> list[str]:
    return list(db.session.scalars(select(table.id).order_by(*order)))  # type: ignore[arg-type]
