"""The ledger in the database: one row a client, and one a client and stream, each with its sum as JSON.

Notes are stored in the order in which they were taken. How far a spool was stored is kept in the same transaction, so that
nothing is counted twice, whichever worker stores it and whenever one dies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson
from flask import current_app
from sqlalchemy import BigInteger, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.foundation.clock import milliseconds, wall_now
from sandbox.foundation.database import Model, db, table_of, transaction
from sandbox.foundation.dialects import insert_unless_there
from sandbox.foundation.tenancy import Tenant, TenantOwned, across_tenants, current_tenant_id
from sandbox.lab.ledger import account
from sandbox.lab.ledger.account import Sum
from sandbox.lab.ledger.note import LOG, Note, read
from sandbox.lab.ledger.spool import Spool

OBSERVER = "lab.ledger"


class LedgerSum(TenantOwned, Model):
    """What one client did on one stream, or on the whole (`stream` empty). `digest` is that of the filters."""

    __tablename__ = "lab_ledger"

    client_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    stream: Mapped[str] = mapped_column(String(300), primary_key=True)
    digest: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    sum: Mapped[str] = mapped_column(Text)


class LedgerStart(TenantOwned, Model):
    """When a tenant's ledger began anew, in milliseconds of wall time; notes from before count no more."""

    __tablename__ = "lab_ledger_starts"

    began_at: Mapped[int] = mapped_column(BigInteger)


class LedgerMark(Model):
    """Up to which position a server's spool is stored."""

    __tablename__ = "lab_ledger_marks"

    spool: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


def store(spool: Spool) -> None:
    """Store what waits in a spool; outside any transaction."""
    if not spool.waiting().size:
        return
    with across_tenants("one spool has the notes of all of them"), transaction() as session:
        session.execute(insert_unless_there(table_of(LedgerMark), spool=spool.name, position=0))
        mark = session.scalars(select(LedgerMark).where(LedgerMark.spool == spool.name).with_for_update()).one()
        written, end = spool.read(mark.position)
        mark.position = end
        _add_up(session, map(read, written))
    spool.forget(end)


def store_present() -> int:
    """Store what waits in the spool of the present application; tells how many notes were lost for want of room."""
    spool: Spool = current_app.extensions[OBSERVER].spool
    store(spool)
    return spool.waiting().lost


def sums(client_id: str | None) -> dict[str, list[tuple[LedgerSum, Sum]]]:
    """Read the sums of the present tenant by client, of one or all of them."""
    rows = select(LedgerSum).order_by(LedgerSum.client_id, LedgerSum.stream, LedgerSum.digest)
    if client_id is not None:
        rows = rows.where(LedgerSum.client_id == client_id)
    found: dict[str, list[tuple[LedgerSum, Sum]]] = {}
    for row in db.session.scalars(rows):
        found.setdefault(row.client_id, []).append((row, orjson.loads(row.sum)))
    return found


def forget(client_id: str | None = None) -> int:
    """Begin anew in the present tenant, for one client or all; tells for how many there was something. In a transaction."""
    mine = delete(LedgerSum).where(LedgerSum.tenant_id == current_tenant_id())
    counted = len(sums(client_id))
    if client_id is not None:
        mine = mine.where(LedgerSum.client_id == client_id)
    else:
        db.session.merge(LedgerStart(tenant_id=current_tenant_id(), began_at=milliseconds(wall_now())))
    db.session.execute(mine)
    return counted


def _add_up(session: Session, notes: Iterable[Note]) -> None:
    tenants = set(session.scalars(select(Tenant.id)))
    starts = {row.tenant_id: row.began_at for row in session.scalars(select(LedgerStart))}
    book = _Book(session)
    for note in notes:
        if note.tenant not in tenants or note.answered_at < starts.get(note.tenant, 0):
            continue
        if note.status:
            account.add_request(book.client(note), note)
        if note.served is None:
            continue
        if note.served.kind == LOG:
            account.add_events(book.stream(note, account.new_log(note.served, note)), note.served, note)
        else:
            account.add_rows(book.stream(note, account.new_list(note.served)), note.served, note)
    book.close()


class _Book:
    """The sums that are being added to; each is read once and written once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.open: dict[tuple[str, str, str, str], tuple[LedgerSum, Sum]] = {}

    def client(self, note: Note) -> Sum:
        return self._find((note.tenant, note.client_id, "", ""), "client", account.new_client())

    def stream(self, note: Note, new: Sum) -> Sum:
        assert note.served is not None
        filters = orjson.dumps(note.served.filters, option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(filters).hexdigest()[:16]
        return self._find((note.tenant, note.client_id, note.served.stream[:300], digest), note.served.kind, new)

    def close(self) -> None:
        for row, total in self.open.values():
            row.sum = orjson.dumps(total).decode()

    def _find(self, key: tuple[str, str, str, str], kind: str, new: Sum) -> Sum:
        if key not in self.open:
            tenant_id, client_id, stream, digest = key
            row = self.session.get(LedgerSum, key)
            if row is None:
                row = LedgerSum(
                    tenant_id=tenant_id, client_id=client_id, stream=stream, digest=digest, kind=kind, sum=""
                )
                self.session.add(row)
            self.open[key] = (row, orjson.loads(row.sum) if row.sum else new)
        return self.open[key][1]
