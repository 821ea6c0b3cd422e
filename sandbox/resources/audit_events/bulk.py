"""Loading the narrow rows of a history: by the hundred thousand, so past everything that costs something for each row.

They go to the driver as tuples, on PostgreSQL through COPY. Indexes of a table that was empty are built when all rows are
there, which takes a third of the time and does not get slower with the length of the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from sandbox.foundation.database import table_of
from sandbox.resources.audit_events.model import SealedEvent

Row = tuple[Any, ...]
Load = Callable[[Sequence[Row]], None]

_SEALED = table_of(SealedEvent)
_COLUMNS = ("history_id", "sequence", "occurred_at", "ingested_at", "action", "outcome", "actor_id")


@contextmanager
def loading(connection: Connection) -> Iterator[Load]:
    """Give a function that writes rows (in the order of `_COLUMNS`); the indexes are whole behind the block."""
    is_empty = connection.execute(select(_SEALED.c.sequence).limit(1)).first() is None
    later = sorted(_SEALED.indexes, key=lambda index: str(index.name)) if is_empty else []
    for index in later:
        index.drop(connection)
    yield _copy(connection) if connection.dialect.name == "postgresql" else _insert(connection)
    for index in later:
        index.create(connection)


def _insert(connection: Connection) -> Load:
    statement = f"INSERT INTO {_SEALED.name} ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608

    def load(rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(statement, list(rows))

    return load


def _copy(connection: Connection) -> Load:
    statement = f"COPY {_SEALED.name} ({', '.join(_COLUMNS)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection

    def load(rows: Sequence[Row]) -> None:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    return load
