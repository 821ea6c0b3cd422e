"""The tables of the audit log, in two parts behind one reader (`storage.py`).

Live events are rows with their wire JSON. Sealed history, such as the seeded months, is immutable: narrow rows to filter
by, and compressed blocks of wire JSON, shared by all tenants that were filled from the same data.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, Moment
from sandbox.foundation.tenancy import TenantOwned

GENESIS = "0" * 64
KEEP_DAYS = 180
"""How long events are kept until the configuration of the tenant says otherwise."""


class AuditHead(TenantOwned, Model):
    """Both ends of one tenant's log: the row that appenders queue for. Sequences up to `sealed` lie in `history_id`.

    What lies up to `floor` is gone; `floor_hash` is the hash of the last event that went, from which the rest is verified.
    `oldest_at` is when the first event that is left became visible, `keep_days` how long each stays, and `due_at` when the
    next one that waits becomes visible: all in this row, which every reader reads anyway. Where it `is_watched`, what
    becomes visible is announced; appenders read that with the rest of the row, so nobody pays who has no listener.
    """

    __tablename__ = "audit_heads"

    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64), default=GENESIS)
    ingested_at: Mapped[datetime] = mapped_column(Moment)
    history_id: Mapped[str | None] = mapped_column(String(100), default=None)
    sealed: Mapped[int] = mapped_column(BigInteger, default=0)
    floor: Mapped[int] = mapped_column(BigInteger, default=0)
    floor_hash: Mapped[str] = mapped_column(String(64), default=GENESIS)
    oldest_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    keep_days: Mapped[int] = mapped_column(Integer, default=KEEP_DAYS)
    due_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    is_watched: Mapped[bool] = mapped_column(Boolean, default=False)


class Searchable:
    """The narrow columns by which events are filtered; `ingested_at` never decreases with the sequence."""

    occurred_at: Mapped[datetime] = mapped_column(Moment)
    ingested_at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(String(300))


class AuditEvent(TenantOwned, Searchable, Model):
    """A live event with its wire JSON."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_ingested", "tenant_id", "ingested_at"),
        Index("ix_audit_events_occurred", "tenant_id", "occurred_at"),
        Index("ix_audit_events_actor", "tenant_id", "actor_id", "sequence"),
        Index("ix_audit_events_action", "tenant_id", "action", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)


class DelayedEvent(TenantOwned, Model):
    """An event that has happened and is not visible yet: rendered, without place, time of visibility and hash.

    `batch` names the transaction that brought it, `position` counts its events.
    """

    __tablename__ = "audit_delayed"
    __table_args__ = (Index("ix_audit_delayed_due", "tenant_id", "due_at"),)

    batch: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime] = mapped_column(Moment)
    before: Mapped[str] = mapped_column(Text)
    behind: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(String(300))


class SealedEvent(Searchable, Model):
    """A sealed event's narrow columns; no tenant's own, since nothing in a shared history can be changed."""

    __tablename__ = "sealed_events"
    __table_args__ = (
        Index("ix_sealed_events_ingested", "history_id", "ingested_at"),
        Index("ix_sealed_events_occurred", "history_id", "occurred_at"),
        Index("ix_sealed_events_actor", "history_id", "actor_id", "sequence"),
        Index("ix_sealed_events_action", "history_id", "action", "sequence"),
        {"sqlite_with_rowid": False},
    )

    history_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class SealedBlock(Model):
    """Wire JSON of consecutive events, one a line, in one zstd frame."""

    __tablename__ = "sealed_blocks"

    history_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(Integer)
    last_hash: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(LargeBinary)
