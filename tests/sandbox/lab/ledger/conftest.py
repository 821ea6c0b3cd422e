from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation.tenancy import enter
from sandbox.resources.audit_events.service import record
from tests import builders

SCOPE = "audit:read users:read groups:read roles:read configuration:read"


class Reader:
    """A client that somebody wrote, with its own score."""

    def __init__(self, app: Flask, client_id: str = "demo") -> None:
        self.app, self.client_id, self.http = app, client_id, app.test_client()
        with app.app_context(), enter("acme"):
            self.headers = {"Authorization": f"Bearer {builders.an_access_token(SCOPE, client_id=client_id)}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, query_string=query, headers=self.headers)

    def walk(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Turn pages as one should."""
        while True:
            page = self.get(path, **query).get_json()
            yield page
            if not page["page"]["has_more"]:
                return
            query["cursor"] = page["page"]["next_cursor"]

    def score(self, **query: Any) -> dict[str, Any]:
        answer = self.http.get("/_lab/ledger", query_string={"client_id": self.client_id, **query})
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()  # type: ignore[no-any-return]

    def stream(self, **query: Any) -> dict[str, Any]:
        (only,) = self.score(**query)["streams"]
        return only  # type: ignore[no-any-return]


@pytest.fixture
def happen(app: Flask) -> Callable[[int], None]:
    """Let so many things be recorded."""

    def record_some(count: int) -> None:
        with app.app_context(), enter("acme"):
            for _ in range(count):
                record("file.viewed")

    return record_some


@pytest.fixture
def reader(app: Flask, happen: Callable[[int], None]) -> Reader:
    """In front of 40 events."""
    with app.app_context(), enter("acme"):
        builders.a_client()
    happen(40)
    return Reader(app)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()
