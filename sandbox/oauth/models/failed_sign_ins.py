"""Sign-ins of one person that failed in a row, and until when the account is locked because of them; business time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, Moment
from sandbox.foundation.tenancy import TenantOwned


class FailedSignIns(TenantOwned, Model):
    """How many in a row; a row is made by the first failure and goes with the next success."""

    __tablename__ = "failed_sign_ins"

    user_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment, default=None)
