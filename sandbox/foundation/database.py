"""The database: its handle, the declarative base, and the one way to write.

Everything that writes does so inside `transaction()`: it begins at once as a writer (SQLite `BEGIN IMMEDIATE`, so that no
read snapshot is ever upgraded, which SQLite refuses), nests by joining the outer one, and commits or rolls back whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Dialect, MetaData, Table, TypeDecorator, event, type_coerce
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import PoolProxiedConnection

from sandbox.foundation.clock import from_milliseconds, milliseconds


class Model(DeclarativeBase):
    """Base of every table; constraint names are predictable, so that both databases call them alike."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(model: type[Model]) -> Table:
    """Give a model's table, for Core statements."""
    return cast(Table, model.__table__)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, kept as milliseconds since 1970: exact, comparable, and the same on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Write."""
        return None if value is None else milliseconds(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read; in one step instead of the three of `process_result_value`, since lists have moments by the hundred."""
        return _read_moment


def as_stored(column: Any) -> Any:
    """Select a column as it lies there, under its name: a moment as milliseconds, which is quicker to read and compare."""
    return type_coerce(column, BigInteger).label(column.key) if isinstance(column.type, Moment) else column


def _read_moment(value: int | None) -> datetime | None:
    return None if value is None else from_milliseconds(value)


class Scope:
    """One session's life: `foundation.tenancy.enter` makes one for each tenant that is entered."""

    __slots__ = ("tenant_id", "unfiltered")

    def __init__(self, tenant_id: str | None, *, unfiltered: bool = False) -> None:
        self.tenant_id = tenant_id
        self.unfiltered = unfiltered


OUTSIDE = Scope(None)
current_scope: ContextVar[Scope] = ContextVar("scope", default=OUTSIDE)
_writing: ContextVar[bool] = ContextVar("writing", default=False)

db = SQLAlchemy(
    model_class=Model,
    session_options={"scopefunc": lambda: id(current_scope.get()), "expire_on_commit": False},
)


def engine_options(url: str) -> dict[str, Any]:
    """Choose the engine's options: named parameters on both databases, since the tenancy guard reads them by name."""
    if url.startswith("sqlite"):
        return {"paramstyle": "named", "connect_args": {"timeout": 5, "check_same_thread": False}}
    return {"pool_pre_ping": True}


@contextmanager
def transaction() -> Iterator[Session]:
    """Write: commit at the end, roll everything back on any exception; inside another one, be part of it.

    What `at_commit` collected is written last before the commit; what `on_refusal` collected is written after a
    rollback, in a transaction of its own, before the exception goes on.
    """
    session = db.session()
    if "pending" in session.info:
        yield session
        return
    if session.in_transaction():  # A read snapshot may be stale; a writer starts from the newest state.
        session.rollback()
    pending = session.info["pending"] = _Pending()
    token = _writing.set(True)
    try:
        pending.connection = session.connection().connection
        yield session
        for write, items in pending.last.values():
            write(session, items)
        session.commit()
    except BaseException:
        session.rollback()
        _end(session, token)
        for refused in pending.refused:
            with transaction():
                refused()
        raise
    _end(session, token)
    for follow in pending.committed:
        follow()


def writing_connection() -> PoolProxiedConnection | None:
    """Give the driver's connection of the running transaction; None outside any."""
    if not db.session.registry.has():  # Asking for the session would make one.
        return None
    pending: _Pending | None = db.session().info.get("pending")
    return pending.connection if pending else None


def of_driver(error: Exception, statement: str, dialect: Dialect) -> BaseException:
    """Say what the driver raised as SQLAlchemy would have, where a statement went past it; without the parameters."""
    return DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect)


def at_commit(key: str, item: Any, write: Callable[[Session, list[Any]], None]) -> None:
    """Collect `item`; `write` gets all items of the key right before the commit, after every other statement."""
    pending: _Pending = db.session().info["pending"]
    pending.last.setdefault(key, (write, []))[1].append(item)


def on_refusal(write: Callable[[], object]) -> None:
    """Keep a write that must survive the refusal it belongs to: replay counters, family revocation, its audit.

    Inside a transaction that is then rolled back, it runs afterwards in its own; outside any, it runs at once.
    """
    if (pending := db.session().info.get("pending")) is not None:
        pending.refused.append(write)
        return
    with transaction():
        write()


def after_commit(follow: Callable[[], None]) -> None:
    """Keep what follows the running transaction once it is committed, and never otherwise: a message to somebody else.

    Outside any transaction it follows at once.
    """
    if (pending := db.session().info.get("pending")) is not None:
        pending.committed.append(follow)
        return
    follow()


def release_connection() -> None:
    """Hold neither lock nor snapshot, before waiting for the network; raises RuntimeError inside a transaction."""
    session = db.session()
    if "pending" in session.info:
        raise RuntimeError("Nobody waits for the network inside transaction(): others wait for its lock.")
    session.commit()


class _Pending:
    """What the running transaction still has to write, and what follows it."""

    __slots__ = ("committed", "connection", "last", "refused")

    def __init__(self) -> None:
        self.connection: PoolProxiedConnection | None = None
        self.last: dict[str, tuple[Callable[[Session, list[Any]], None], list[Any]]] = {}
        self.refused: list[Callable[[], object]] = []
        self.committed: list[Callable[[], None]] = []


def _end(session: Session, token: Token[bool]) -> None:
    session.info.pop("pending")
    _writing.reset(token)


@event.listens_for(db.session, "before_flush")
def _only_in_transactions(session: Session, *_: object) -> None:
    if "pending" not in session.info:
        raise RuntimeError("Writes happen inside transaction(); this flush was about to write outside one.")


# A checkpoint writes each page once however often it changed, so rarer ones cost less: every 16 MB, not every 4.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "wal_autocheckpoint=4000",
    "busy_timeout=5000",
    "foreign_keys=ON",
)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _: object) -> None:
    """Hand transaction control to SQLAlchemy and set what SQLite needs to serve several processes."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Straight to the driver: every request begins once, and this is all there is to it.
        driver = cast(sqlite3.Connection, connection.connection.driver_connection)
        statement = "BEGIN IMMEDIATE" if _writing.get() else "BEGIN"
        try:
            driver.execute(statement)
        except sqlite3.OperationalError as error:  # Somebody else writes for too long; said as SQLAlchemy would say it.
            raise OperationalError(statement, None, error) from error
