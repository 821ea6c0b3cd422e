"""Rows by the ten thousand: straight to the driver, past everything that costs something for each row.

The locks of tenancy do not see what goes this way, so no caller names a tenant: rows belong to the one that is entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from sandbox.foundation.database import Model, table_of
from sandbox.foundation.tenancy import current_tenant_id


def load_rows(session: Session, model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of the present tenant; each has its values in the order of `columns`, moments in milliseconds."""
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * (len(columns) + 1))
    statement = f"INSERT INTO {table_of(model).name} (tenant_id, {', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    tenant_id = current_tenant_id()
    cursor: Any = connection.connection.cursor()
    cursor.executemany(statement, [(tenant_id, *row) for row in rows])
    cursor.close()
