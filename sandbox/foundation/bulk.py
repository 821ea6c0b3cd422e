"""Rows by the ten thousand: straight to the driver, past everything that costs something for each row.

The locks of tenancy do not see what goes this way, so no caller names a tenant: rows belong to the one that is entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from sandbox.foundation.tenancy import current_tenant_id


def load_rows(session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of the present tenant; each has its values in the order of `columns`, as the driver takes them.

    Moments are milliseconds since 1970. Columns of JSON are not for this: each driver wants them otherwise.
    """
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * (len(columns) + 1))
    statement = f"INSERT INTO {table.name} (tenant_id, {', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    tenant_id = current_tenant_id()
    cursor: Any = connection.connection.cursor()
    cursor.executemany(statement, [(tenant_id, *row) for row in rows])
    cursor.close()
