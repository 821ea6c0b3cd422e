"""Images of a tenant's mutable rows: the one kept when it is seeded, which a reset goes back to, and snapshots.

Sealed history is immutable and never copied; a snapshot has the live events too. Keys stay, since they are no seeded data.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import BigInteger, Float, Integer, LargeBinary, String, Table, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, table_of
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id
from sandbox.foundation.tenancy_guard import owned_tables
from sandbox.lab.image_rows import Change, empty, put, rows_in, text_of
from sandbox.lab.truth import TruthRecord
from sandbox.resources.audit_events.seal import open_log
from sandbox.resources.audit_events.storage import HEADS, LIVE

SEEDED = "seeded"
NOT_IN_IMAGE = frozenset(
    {
        *("audit_heads", "audit_events", "signing_keys"),
        *("lab_truth", "lab_images", "lab_image_parts", "lab_ledger", "lab_ledger_starts"),
    }
)


class Image(TenantOwned, Model):
    """An image: the log began with `history_id`, and the clock showed `business` (milliseconds since 1970) at `rate`.

    `made_of` names profile and seed of the company, for a tenant's first image.
    """

    __tablename__ = "lab_images"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    history_id: Mapped[str | None] = mapped_column(String(100), default=None)
    business: Mapped[int] = mapped_column(BigInteger)
    rate: Mapped[float] = mapped_column(Float, default=1.0)
    made_of: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class ImagePart(TenantOwned, Model):
    """The rows of one table: zstd over one line of JSON a row, the values in the order of the columns."""

    __tablename__ = "lab_image_parts"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    of_table: Mapped[str] = mapped_column(String(60), primary_key=True)
    rows: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary)


def save(
    session: Session, name: str, *, history_id: str | None, business: int, with_log: bool = False, **more: Any
) -> None:
    """Keep an image of the present rows, in place of a former one of this name; `with_log` with live events and truth.

    `more` are other columns of `Image`.
    """
    session.flush()
    drop(session, name)
    session.add(Image(name=name, history_id=history_id, business=business, **more))
    compressor = zstandard.ZstdCompressor(level=1)
    for table in [*tables(), *(_log_tables() if with_log else ())]:
        if text := text_of(table):
            count, data = text.count(b"\n") + 1, compressor.compress(text)
            session.add(ImagePart(name=name, of_table=table.name, rows=count, data=data))
    session.flush()


def drop(session: Session, name: str) -> bool:
    """Forget an image; tells whether there was one."""
    session.execute(delete(ImagePart).where(ImagePart.name == name))
    return bool(session.execute(delete(Image).where(Image.name == name)).rowcount)  # type: ignore[attr-defined]


def find(session: Session, name: str) -> Image | None:
    """Find an image by its name."""
    return session.get(Image, (current_tenant_id(), name))


def restore(session: Session, image: Image) -> None:
    """Put all rows of an image back, and open its log: behind its sealed history, with the live events if it has them."""
    parts = _parts(session, image.name)
    _put_back(session, tables(), parts)
    open_log(session, image.history_id)
    if HEADS.name in parts:
        empty(session, HEADS)
        for table in _log_tables():
            empty(session, table)
            put(session, table, rows_in(parts.get(table.name, b"")))


def restore_tables(session: Session, image: Image, names: Collection[str]) -> None:
    """Put the rows of some tables back and leave all others; raises IntegrityError where others still refer to them."""
    _put_back(session, [table for table in tables() if table.name in names], _parts(session, image.name))


def tables() -> list[Table]:
    """List the tables of an image, those that others refer to first."""
    owned = owned_tables() - NOT_IN_IMAGE
    return [table for table in Model.metadata.sorted_tables if table.name in owned]


def _log_tables() -> tuple[Table, ...]:
    return LIVE, HEADS, table_of(TruthRecord)


def _parts(session: Session, name: str) -> dict[str, bytes]:
    rows = select(ImagePart.of_table, ImagePart.data).where(ImagePart.name == name)
    unpack = zstandard.ZstdDecompressor().decompress
    return {of_table: unpack(data) for of_table, data in session.execute(rows)}


def _put_back(session: Session, chosen: list[Table], parts: dict[str, bytes]) -> None:
    changes = [Change(table, parts.get(table.name, b"")) for table in chosen]
    with suppress(IntegrityError), session.begin_nested():
        _mend(session, changes)
        return
    # Two rows have swapped what only one may have: all of them go first.
    for table in reversed(chosen):
        empty(session, table)
    for table in chosen:
        put(session, table, rows_in(parts.get(table.name, b"")))


def _mend(session: Session, changes: list[Change]) -> None:
    for change in reversed(changes):
        change.remove(session)
    for change in changes:
        change.write(session)
