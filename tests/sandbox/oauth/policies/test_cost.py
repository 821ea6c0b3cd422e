"""Asking for a setting costs nothing: one statement for all of them, when the tenant's stamp changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from sandbox.foundation.database import db
from tests.sandbox.oauth.journey import CONNECTOR, Journey
from tests.sandbox.oauth.policies.conftest import Decide

Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(app: Flask) -> Statements:
    """Collect the SQL that reads settings: `with statements() as seen: …`."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_: object, __: object, sql: str, *___: object) -> None:
            if "FROM settings" in sql:
                seen.append(sql)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


def test_token_reads_settings_again_after_a_change_only(go: Journey, decide: Decide, statements: Statements) -> None:
    def ask(times: int) -> int:
        with statements() as seen:
            for _ in range(times):
                assert go.token(auth=CONNECTOR, grant_type="client_credentials").status_code == 200
        return len(seen)

    ask(1)  # The first one makes the key that signs, which is a change too.
    before = ask(1), ask(3)
    decide("oauth.access_token_ttl_min", 5)
    assert (before, ask(1), ask(3)) == ((1, 0), 1, 0)


def test_api_reads_no_settings_to_let_somebody_in(go: Journey, statements: Statements) -> None:
    """What a list shows may follow from one; then they are read once more, when the tenant's stamp changes."""
    value = go.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    counts = []
    for path in ("/v1/groups", "/v1/users", "/v1/users"):
        with statements() as seen:
            assert go.use(value, path) == 200
        counts.append(len(seen))
    assert counts == [0, 1, 0]
