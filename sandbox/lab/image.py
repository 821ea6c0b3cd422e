"""The image of a tenant's mutable rows: kept when it is seeded, put back by a reset.

Sealed history is immutable and never copied; live events are simply dropped. Keys stay, since they are no seeded data.
"""

from __future__ import annotations

from typing import Any

import orjson
import zstandard
from sqlalchemy import JSON, BigInteger, Column, LargeBinary, String, Table, delete, insert, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.foundation.bulk import load_rows
from sandbox.foundation.clock import from_milliseconds
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id
from sandbox.foundation.tenancy_guard import owned_tables

NOT_IN_IMAGE = frozenset(
    ["audit_heads", "audit_events", "signing_keys", "lab_truth", "lab_images", "lab_ledger", "lab_ledger_starts"]
)


class Image(TenantOwned, Model):
    """All mutable rows of a tenant: zstd over one JSON object, table by table, each row a list in the order of its columns.

    Moments are milliseconds since 1970, as they are stored: there are rows by the ten thousand, and none is looked at. The
    log began with `history_id`, the clock at `business` (milliseconds since 1970).
    """

    __tablename__ = "lab_images"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    history_id: Mapped[str | None] = mapped_column(String(100), default=None)
    business: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary)


def save(session: Session, name: str, *, history_id: str | None, business: int) -> None:
    """Keep an image of the present rows."""
    session.flush()
    rows = {table.name: list(map(tuple, session.execute(_mine(table)))) for table in _tables()}
    # SQLAlchemy's table names are a subclass of str, which the plain option refuses as keys.
    data = zstandard.ZstdCompressor(level=3).compress(orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS))
    session.add(Image(name=name, history_id=history_id, business=business, data=data))
    session.flush()


def restore(session: Session, name: str) -> tuple[str | None, int]:
    """Put the rows of an image back; tells the sealed history and the business time that belong to it."""
    image = session.scalars(select(Image).where(Image.name == name)).one()
    rows = orjson.loads(zstandard.ZstdDecompressor().decompress(image.data))
    for table in reversed(_tables()):
        session.execute(delete(table).where(table.c.tenant_id == current_tenant_id()))
    for table in _tables():
        if kept := rows.get(table.name):
            _put_back(session, table, kept)
    return image.history_id, image.business


def _tables() -> list[Table]:
    """List the tables of an image, those that others refer to first."""
    owned = owned_tables() - NOT_IN_IMAGE
    return [table for table in Model.metadata.sorted_tables if table.name in owned]


def _mine(table: Table) -> Any:
    stored = [type_coerce(column, BigInteger) if _is_moment(column) else column for column in table.c]
    return select(*stored).where(table.c.tenant_id == current_tenant_id())


def _put_back(session: Session, table: Table, rows: list[list[Any]]) -> None:
    """Write rows as they were stored: straight to the driver, unless there is JSON among them."""
    if any(isinstance(column.type, JSON) for column in table.c):
        session.execute(insert(table), [_revived(table, row) for row in rows])
        return
    names = table.c.keys()
    place = names.index("tenant_id")
    load_rows(session, table, [*names[:place], *names[place + 1 :]], (row[:place] + row[place + 1 :] for row in rows))


def _revived(table: Table, row: list[Any]) -> dict[str, Any]:
    return {
        column.name: from_milliseconds(value) if value is not None and _is_moment(column) else value
        for column, value in zip(table.c, row, strict=True)
    }


def _is_moment(column: Column[Any]) -> bool:
    return isinstance(column.type, Moment)
