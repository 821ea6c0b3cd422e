"""The rows of one table of a tenant as lines of JSON, and how a table is made to have just those again.

Rows are compared as they are written down: a table that has not changed costs one reading, and a changed one is mended row
by row. Moments are milliseconds since 1970, as they are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from sandbox.foundation.bulk import load_rows
from sandbox.foundation.clock import from_milliseconds
from sandbox.foundation.database import Moment, db
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import current_tenant_id

Row = list[Any]


def text_of(table: Table) -> bytes:
    """Read the rows of the present tenant, each as a line of JSON, which the database writes; inside a transaction."""
    written: str | None = _writing(table, db.engine.dialect.name).one(tenant=current_tenant_id())[0]
    return (written or "").encode()


def rows_in(text: bytes) -> list[Row]:
    """Read what `text_of` gave."""
    return [orjson.loads(line) for line in text.splitlines()]


class Change:
    """What has to be done to a table for it to hold the rows of a text: which go, which are mended, which come back."""

    def __init__(self, table: Table, kept: bytes) -> None:
        self.table, found = table, text_of(table)
        same = found == kept
        present, wanted = (set(), set()) if same else (set(found.splitlines()), set(kept.splitlines()))
        extra, lacking = self._by_key(present - wanted), self._by_key(wanted - present)
        self.gone = [extra[key] for key in extra.keys() - lacking.keys()]
        self.mended = [lacking[key] for key in extra.keys() & lacking.keys()]
        self.back = [lacking[key] for key in lacking.keys() - extra.keys()]

    def remove(self, session: Session) -> None:
        """Take away what is too much."""
        if self.gone:
            keys = [_revived(self.table, row, prefix="old_") for row in self.gone]
            session.connection().execute(delete(self.table).where(_key(self.table)), keys)

    def write(self, session: Session) -> None:
        """Put back what is missing, and mend what is different."""
        put(session, self.table, self.back)
        if self.mended:
            names = [column.name for column in self.table.c if not column.primary_key]
            values = {name: bindparam(f"new_{name}", type_=self.table.c[name].type) for name in names}
            rows = [
                {**_revived(self.table, row, prefix="old_"), **_revived(self.table, row, prefix="new_")}
                for row in self.mended
            ]
            session.connection().execute(update(self.table).where(_key(self.table)).values(values), rows)

    def _by_key(self, lines: Iterable[bytes]) -> dict[tuple[Any, ...], Row]:
        places = [place for place, column in enumerate(self.table.c) if column.primary_key]
        rows: Iterable[Row] = map(orjson.loads, lines)
        return {tuple(row[place] for place in places): row for row in rows}


def empty(session: Session, table: Table) -> None:
    """Take all rows of the present tenant away."""
    session.execute(delete(table).where(table.c.tenant_id == current_tenant_id()))


def put(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Write rows: straight to the driver, unless there is JSON among them."""
    if not rows:
        return
    if any(isinstance(column.type, JSON) for column in table.c):
        session.execute(insert(table), [_revived(table, row) for row in rows])
        return
    names = table.c.keys()
    place = names.index("tenant_id")
    load_rows(session, table, [*names[:place], *names[place + 1 :]], (row[:place] + row[place + 1 :] for row in rows))


@cache
def _writing(table: Table, dialect: str) -> Prepared:
    stored = [type_coerce(column, BigInteger) if _is_moment(column) else column for column in table.c]
    if dialect == "postgresql":
        text = func.string_agg(cast(func.json_build_array(*stored), Text), literal_column("E'\\n'"))
    else:
        nested = [func.json(column) if isinstance(column.type, JSON) else _exact(column) for column in stored]
        text = func.group_concat(func.json_array(*nested), literal_column("char(10)"))
    return Prepared(select(type_coerce(text, Text)).where(table.c.tenant_id == bindparam("tenant")))


def _exact(column: Any) -> Any:
    """Let SQLite write a float with all its digits, which its JSON functions would round."""
    return func.json(func.printf(literal_column("'%!.17g'"), column)) if isinstance(column.type, Float) else column


def _key(table: Table) -> Any:
    return and_(*(column == bindparam(f"old_{column.name}", type_=column.type) for column in table.primary_key))


def _revived(table: Table, row: Row, *, prefix: str = "") -> dict[str, Any]:
    """Give values as their columns take them; with the prefix `old_` those of the key, with `new_` the others."""
    return {
        f"{prefix}{column.name}": from_milliseconds(value) if value is not None and _is_moment(column) else value
        for column, value in zip(table.c, row, strict=True)
        if not prefix or column.primary_key == (prefix == "old_")
    }


def _is_moment(column: Column[Any]) -> bool:
    return isinstance(column.type, Moment)
