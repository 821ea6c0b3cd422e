"""The passwords that a person chose here, as hashes: when the present one was set, and which ones came before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, db
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class KeptPassword(TenantOwned, Model):
    """One password of one person; the latest is the present one."""

    __tablename__ = "kept_passwords"
    __table_args__ = (Index("ix_kept_passwords_user", "tenant_id", "user_id", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("pwd"))
    user_id: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(300))
    set_at: Mapped[datetime] = mapped_column(Moment, default=now)


def kept_passwords(user_id: str, limit: int) -> Sequence[KeptPassword]:
    """List the latest of a person, the present one first."""
    theirs = select(KeptPassword).where(KeptPassword.user_id == user_id)
    return db.session.scalars(theirs.order_by(KeptPassword.set_at.desc(), KeptPassword.id.desc()).limit(limit)).all()
