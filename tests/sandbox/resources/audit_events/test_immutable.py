"""Nothing changes an event: not over HTTP, not in the code, not in the database."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import sandbox
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import across_tenants
from sandbox.resources.audit_events import service
from tests.sandbox.resources.audit_events.conftest import events

PATHS = ["", "/actions", "/schema", "/integrity", "/evt_01k4m3w8zq5n0r7d2c6t9xbvhe"]
STATEMENTS = [
    "UPDATE audit_events SET action = 'file.viewed'",
    "UPDATE audit_events SET body = '{}' WHERE sequence = 26",
    "DELETE FROM audit_events",
    "DELETE FROM audit_events WHERE sequence = 27",
    "UPDATE sealed_events SET actor_id = NULL",
    "DELETE FROM sealed_events WHERE sequence = 1",
    "UPDATE sealed_blocks SET count = 1",
    "DELETE FROM sealed_blocks",
]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.control("LOG-SaaS-07", flow="writing is refused; history that was changed is found")
def test_writing_is_not_allowed_even_to_those_who_may_everything(
    client: FlaskClient, anything: dict[str, str], method: str, path: str
) -> None:
    answer = getattr(client, method)(f"/v1/audit-events{path}", json={}, headers=anything)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.storage
@pytest.mark.parametrize("statement", STATEMENTS)
def test_database_refuses_to_change_or_remove_events(fill: Callable[[int, int], None], statement: str) -> None:
    fill(25, 3)
    before = events()
    with (
        across_tenants("a bug that goes past every lock of tenancy"),
        pytest.raises(IntegrityError, match="audit log is immutable"),
        transaction() as session,
    ):
        session.execute(text(statement))
    assert events() == before
    assert service.verify()["verified"]


def test_only_the_writers_of_the_log_name_its_tables_in_a_write() -> None:
    """No statement anywhere updates an event; rows are inserted by two files and deleted by two."""
    found = set()
    for path in Path(sandbox.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"insert", "update", "delete"}:
                named = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
                if named & {"LIVE", "SEALED", "BLOCKS", "AuditEvent", "SealedEvent", "SealedBlock"}:
                    found.add((path.name, getattr(node.func, "id", "")))
    assert found == {("seal.py", "insert"), ("seal.py", "delete"), ("retention.py", "delete")}
