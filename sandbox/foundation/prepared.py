"""Statements that run with nearly every request: written for the database once, then handed to its driver as they are.

SQLAlchemy's Core costs ten times what SQLite does for a row by its key, and a session of its own five times that again. A
`Prepared` keeps everything that makes Core safe: parameters and results pass through the types of their columns, the
driver's errors are SQLAlchemy's, and no statement names an owned table without the tenant that is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, methodcaller
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Select
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from sandbox.foundation.database import current_scope, db, of_driver, writing_connection
from sandbox.foundation.tenancy import TenancyViolation
from sandbox.foundation.tenancy_guard import owned_tables, tenant_parameters

Row = tuple[Any, ...]
Process = Callable[[Any], Any]


class Prepared:
    """A Core statement whose parameters all have names; one that writes, or locks, is run inside `transaction()`."""

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._written: WeakKeyDictionary[Dialect, _Written] = WeakKeyDictionary()

    def first(self, **parameters: Any) -> Row | None:
        """Give the first row, or None: as the present transaction sees it, or as the database is now if there is none."""
        written = self._for(db.engine.dialect)
        row = _execute(written, written.bind(parameters), methodcaller("fetchone"))
        return None if row is None else written.read(row)

    def one(self, **parameters: Any) -> Row:
        """Give the row that there must be; raises LookupError."""
        if (row := self.first(**parameters)) is None:
            raise LookupError(f"No row: {self.statement}")
        return row

    def all(self, **parameters: Any) -> list[Row]:
        """Give every row, seen as `first` sees them."""
        written = self._for(db.engine.dialect)
        rows: list[Row] = _execute(written, written.bind(parameters), methodcaller("fetchall"))
        return [written.read(row) for row in rows] if any(written.columns) else rows

    def run(self, *rows: Mapping[str, Any]) -> int:
        """Run it once for each of `rows`, in the present transaction; tells how many rows it changed."""
        if writing_connection() is None:
            raise RuntimeError("Writes happen inside transaction(); this statement was about to run outside one.")
        written = self._for(db.engine.dialect)
        return sum(_execute(written, written.bind(row), attrgetter("rowcount")) for row in rows)

    def _for(self, dialect: Dialect) -> _Written:
        if (written := self._written.get(dialect)) is None:
            written = self._written[dialect] = _write(self.statement, dialect)
        return written


class _Written(NamedTuple):
    """A statement in the words of one database: how its parameters go in and its columns come out, and whose they are."""

    sql: str
    dialect: Dialect
    parameters: Mapping[str, Process | None]
    constants: Mapping[str, Any]
    columns: Sequence[Process | None]
    tenants: Sequence[str]

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Turn values into what the driver takes; raises KeyError for one that is missing, TenancyViolation."""
        bound = {name: given[name] if write is None else write(given[name]) for name, write in self.parameters.items()}
        bound |= self.constants
        scope = current_scope.get()
        for name in self.tenants:
            if bound[name] != scope.tenant_id or scope.tenant_id is None:
                raise TenancyViolation(f"A statement binds another tenant than {scope.tenant_id!r}: {self.sql}")
        return bound

    def read(self, row: Sequence[Any]) -> Row:
        """Turn what the driver gave into values."""
        return tuple(value if read is None else read(value) for value, read in zip(row, self.columns, strict=True))


def _write(statement: ClauseElement, dialect: Dialect) -> _Written:
    compiled = cast(SQLCompiler, statement.compile(dialect=dialect))
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    # A constant of the statement itself, such as the OFFSET 0 that SQLite's LIMIT is written with, has its value.
    named = {name: bind for bind, name in compiled.bind_names.items() if bind.value is None}
    return _Written(
        str(compiled),
        dialect,
        {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in named.items()},
        {name: bind.value for bind, name in compiled.bind_names.items() if bind.value is not None},
        [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns],
        tenant_parameters(str(compiled), owned_tables()),
    )


def _execute(written: _Written, bound: Mapping[str, Any], take: Callable[[Any], Any]) -> Any:
    """Run it, and `take` from its cursor: on the session's connection, if that is in a transaction, or on one apart."""
    connection: Any = writing_connection()
    apart = None
    if connection is None and db.session.registry.has() and db.session().in_transaction():
        connection = db.session.connection().connection
    try:
        if connection is None:
            connection = apart = db.engine.raw_connection()
        cursor = connection.cursor()
        if apart is not None and written.tenants and written.dialect.name == "postgresql":
            cursor.execute("SELECT set_config('harbor.tenant', %s, true)", (current_scope.get().tenant_id,))
        cursor.execute(written.sql, bound)
        taken = take(cursor)
        cursor.close()
        return taken
    except written.dialect.loaded_dbapi.Error as error:
        raise of_driver(error, written.sql, written.dialect) from error
    finally:
        if apart is not None:
            apart.close()
