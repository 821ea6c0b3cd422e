"""Which failures of a database pass by themselves: judged by errors that real databases raise."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from sandbox.foundation.busy import is_busy, why_busy
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import across_tenants
from tests.conftest import POSTGRES
from tests.occupied import occupied


def failure(engine: Engine, *statements: str) -> SQLAlchemyError:
    """What the last of some statements raises."""
    try:
        with pytest.raises(SQLAlchemyError) as caught, across_tenants("of no tenant"), engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()
    return caught.value


@pytest.mark.storage
def test_locked_database_is_busy(app: Flask, database_url: str) -> None:
    with occupied(app, database_url), app.app_context():
        error = failure(db.engine, "UPDATE tenants SET stamp = 7")
    assert is_busy(error)
    assert "lock" in why_busy(error)
    assert "UPDATE" not in why_busy(error)


@pytest.mark.storage
@pytest.mark.parametrize("statement", ["SELECT * FROM no_such_table", "SELEC 1", "INSERT INTO tenants (id) VALUES (1)"])
def test_mistake_of_ours_is_none(app: Flask, statement: str) -> None:
    with app.app_context():
        assert not is_busy(failure(db.engine, statement))


def test_file_that_cannot_be_opened_stays_a_mistake(tmp_path: Path) -> None:
    assert not is_busy(failure(create_engine(f"sqlite:///{tmp_path}/missing/harbor.sqlite"), "SELECT 1"))


def test_pool_without_a_free_connection_is_busy(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/x.sqlite", poolclass=QueuePool, pool_size=1, max_overflow=0)
    engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    with engine.connect() as held:
        error = failure(engine, "SELECT 1")
        held.invalidate()
    assert (is_busy(error), why_busy(error)) == (True, "every connection of the pool is in use")


def test_other_errors_are_not_of_a_database() -> None:
    assert not any(is_busy(error) for error in (ValueError("locked"), sqlite3.OperationalError("database is locked")))


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_refused_connection_is_busy() -> None:
    assert is_busy(failure(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"), "SELECT 1"))


@pytest.mark.postgres
@pytest.mark.enable_socket
@pytest.mark.usefixtures("postgres_schema")
class TestOfPostgres:
    def test_connection_that_was_ended_is_busy(self) -> None:
        error = failure(create_engine(POSTGRES), "SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1")
        assert is_busy(error)

    @pytest.mark.parametrize(
        ("state", "busy"), [("40001", True), ("40P01", True), ("53300", True), ("08006", True), ("22001", False)]
    )
    def test_code_decides(self, state: str, busy: bool) -> None:
        raising = f"DO $$ BEGIN RAISE EXCEPTION 'locked' USING ERRCODE = '{state}'; END $$"
        assert is_busy(failure(create_engine(POSTGRES), raising)) == busy
