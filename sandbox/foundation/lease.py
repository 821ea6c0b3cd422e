"""Leases: of many processes on one database, one does a thing, for a while, until it lets go or does not come back.

Wall time, since it is about processes. Hosts whose clocks differ by less than a lease do not disturb each other much: what
is done under a lease must stay right if two do it at once.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import milliseconds, wall_now
from sandbox.foundation.database import Model, db, table_of, transaction
from sandbox.foundation.dialects import insert_unless_there


class Lease(Model):
    """Who may do a thing, and until when, in milliseconds of wall time since 1970."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(60))
    expires_at: Mapped[int] = mapped_column(BigInteger)


_LEASES = table_of(Lease)


def take(name: str, holder: str, lasts: timedelta) -> bool:
    """Take a lease that is free, or take it for longer; False while somebody else has it, which costs no write."""
    moment = milliseconds(wall_now())
    held = (_LEASES.c.name == name, _LEASES.c.holder != holder, _LEASES.c.expires_at > moment)
    if db.session.execute(select(_LEASES.c.holder).where(*held)).first() is not None:
        return False
    terms = {"holder": holder, "expires_at": moment + lasts // timedelta(milliseconds=1)}
    free = or_(_LEASES.c.holder == holder, _LEASES.c.expires_at <= moment)
    with transaction() as session:
        renewed = session.execute(update(_LEASES).where(_LEASES.c.name == name, free).values(**terms))
        if renewed.rowcount:  # type: ignore[attr-defined]
            return True
        return bool(session.execute(insert_unless_there(_LEASES, name=name, **terms)).rowcount)  # type: ignore[attr-defined]


def give_back(name: str, holder: str) -> None:
    """Let somebody else have it at once."""
    with transaction() as session:
        session.execute(delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.holder == holder))
