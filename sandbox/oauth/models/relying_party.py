"""Which clients know of a browser session: those that got an ID token in it, and have to be told when it ends."""

from __future__ import annotations

from sqlalchemy import String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, db, table_of
from sandbox.foundation.dialects import insert_unless_there
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id


class RelyingParty(TenantOwned, Model):
    """A client that relies on a session. `issuer` is who we were to it: a server may be reached by several names."""

    __tablename__ = "relying_parties"

    session_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    issuer: Mapped[str] = mapped_column(Text)


def note_relying_party(session_id: str, client_id: str, issuer: str) -> None:
    """Note that a client got an ID token in a session; once for any number of them."""
    row = {"tenant_id": current_tenant_id(), "session_id": session_id, "client_id": client_id, "issuer": issuer}
    db.session.execute(insert_unless_there(table_of(RelyingParty), **row))


def take_relying_parties(session_id: str) -> list[RelyingParty]:
    """Give the clients that rely on a session, and forget them: a session ends once."""
    mine = RelyingParty.session_id == session_id
    parties = list(db.session.scalars(select(RelyingParty).where(mine).order_by(RelyingParty.client_id)))
    if parties:
        for party in parties:
            db.session.expunge(party)
        db.session.execute(delete(RelyingParty).where(mine))
    return parties
