"""What tests of resources share: a token for everything, the log, time to travel in, statements to count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from sandbox.access.scopes import API
from sandbox.foundation.database import db
from tests.event_judge import assert_events

Token = Callable[..., dict[str, str]]


@pytest.fixture
def anything(token: Token) -> dict[str, str]:
    """The header of a client that may do everything."""
    return token(" ".join(API))


@pytest.fixture
def logged(client: FlaskClient, anything: dict[str, str]) -> Callable[[], list[dict[str, Any]]]:
    """Read the whole log, oldest event first; each event must be what the log's own schema says."""

    def read() -> list[dict[str, Any]]:
        answer = client.get("/v1/audit-events?order=asc&limit=1000", headers=anything)
        events: list[dict[str, Any]] = answer.get_json()["data"]
        assert_events(events)
        return events

    return read


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the SQL that runs: `with statements() as seen: …`."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_: object, __: object, sql: str, *___: object) -> None:
            seen.append(sql)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the inherited write tests once for each write of the resource, as far as they concern it."""
    for name, concerns in _WRITES.items():
        if name in metafunc.fixturenames and metafunc.cls is not None:
            writes = [write for write in metafunc.cls.writes if concerns(write)]
            metafunc.parametrize(name, writes, ids=[write.name for write in writes])


_WRITES: dict[str, Callable[[Any], bool]] = {
    "write": lambda write: True,
    "body_write": lambda write: write.body is not None,
    "targeted_write": lambda write: write.status not in (201, 202),
}
