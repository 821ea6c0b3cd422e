"""A partial index is one on both databases, and starting on SQLite loads nothing of PostgreSQL."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import inspect

from sandbox.access.replay import Spent
from sandbox.foundation.database import db, table_of, transaction
from sandbox.foundation.dialects import insert_unless_there


@pytest.mark.storage
def test_partial_index_has_its_condition(in_acme: None) -> None:
    (index,) = (one for one in inspect(db.engine).get_indexes("users") if one["name"] == "uq_users_living_email")
    dialect = db.engine.dialect.name
    assert index["unique"]
    assert "deleted" in str(index["dialect_options"][f"{dialect}_where"])


@pytest.mark.storage
def test_row_that_is_there_stays_as_it_is(in_acme: None) -> None:
    row = {"tenant_id": "acme", "digest": "d", "kind": "dpop", "expires_at": 1}
    with transaction() as session:
        for expires_at in (1, 2):
            session.execute(insert_unless_there(table_of(Spent), **row | {"expires_at": expires_at}))
        assert session.get_one(Spent, ("acme", "d")).expires_at == 1


def test_dialect_of_the_other_database_is_not_loaded() -> None:
    program = "import sys, sandbox.wsgi; print([name for name in sys.modules if 'dialects.p' in name])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
