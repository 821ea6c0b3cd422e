"""A database that another program keeps to itself, so that whoever writes waits in vain, though not for long."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from sandbox.foundation.database import db
from sandbox.foundation.tenancy import across_tenants

WAITING = {"sqlite": "PRAGMA busy_timeout=20", "postgresql": "SET lock_timeout=20"}
OCCUPYING = {"sqlite": "BEGIN EXCLUSIVE", "postgresql": "LOCK TABLE tenants IN EXCLUSIVE MODE"}


@contextmanager
def occupied(app: Flask, database_url: str) -> Iterator[None]:
    """Let the application wait 20 ms for the database, which somebody else has locked for writing."""
    with app.app_context():
        engine = db.engine
    with _impatient(engine), across_tenants("somebody else"), create_engine(database_url).connect() as other:
        if engine.dialect.name == "sqlite":
            driver: Any = other.connection.driver_connection
            driver.execute(OCCUPYING["sqlite"])
        else:
            other.execute(text(OCCUPYING["postgresql"]))
        try:
            yield
        finally:
            other.invalidate()


def locked() -> OperationalError:
    """What SQLAlchemy raises about a locked database."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("BEGIN IMMEDIATE", None, error)


@contextmanager
def _impatient(engine: Engine) -> Iterator[None]:
    def ask_for_little(driver: Any, *_: object) -> None:
        driver.execute(WAITING[engine.dialect.name])
        if engine.dialect.name == "postgresql":
            driver.commit()

    engine.dispose()  # Connections of before, and then those of now, have other limits.
    event.listen(engine, "connect", ask_for_little)
    try:
        yield
    finally:
        event.remove(engine, "connect", ask_for_little)
        engine.dispose()
