"""The secret behind a person's `totp` factor, which only the sign-in reads; the factor itself is a resource."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, db
from sandbox.foundation.tenancy import TenantOwned
from sandbox.resources.users.model import Factor


class Authenticator(TenantOwned, Model):
    """An authenticator app, by its factor. `secret` is base32; no code of `last_step` or before counts any longer."""

    __tablename__ = "authenticators"

    factor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


def find_authenticators(user_id: str) -> list[Authenticator]:
    """Find the apps of a person; one whose factor was removed is none."""
    mine = (Factor.id == Authenticator.factor_id) & (Factor.tenant_id == Authenticator.tenant_id)
    rows = select(Authenticator).join(Factor, mine).where(Factor.user_id == user_id, Factor.type == "totp")
    return list(db.session.scalars(rows.order_by(Authenticator.factor_id)))


def use_step(authenticator: Authenticator, step: int) -> bool:
    """Use a step's code up; True for exactly one of any number of callers at once (RFC 6238 §5.2). In a transaction."""
    unused = update(Authenticator).where(
        Authenticator.factor_id == authenticator.factor_id, Authenticator.last_step < step
    )
    result = db.session.execute(unused.values(last_step=step))
    return int(result.rowcount) == 1  # type: ignore[attr-defined]
