"""What the two databases say in words of their own, said once: partial indexes, and an INSERT that may find its row there.

Neither dialect is loaded before a database of its kind is used: each costs as much as a small resource to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from sqlalchemy import Index, Insert, Table, event, text
from sqlalchemy.engine import Connection

from sandbox.foundation.database import Model, db

_WHERE = "harbor.where"


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Index only the rows that meet a condition, which is SQL that both databases read alike."""
    return Index(name, *columns, unique=unique, info={_WHERE: where})


@event.listens_for(Model.metadata, "before_create")
def _say_where(_: object, connection: Connection, **__: object) -> None:
    for table in Model.metadata.tables.values():
        for index in table.indexes:
            if condition := index.info.get(_WHERE):
                index.dialect_options[connection.dialect.name]["where"] = text(condition)


def insert_unless_there(table: Table, **row: Any) -> Insert:
    """Write the INSERT of a row that does nothing if there is one of its key already."""
    dialect = import_module(f"sqlalchemy.dialects.{db.session.connection().dialect.name}")
    return cast(Insert, dialect.insert(table).values(row).on_conflict_do_nothing())
