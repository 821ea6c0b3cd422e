"""The table of impersonations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Impersonation(TenantOwned, Model):
    """`impersonator_id` acts as `user_id`, with the tokens of one family. `ended_at` is set when that family is revoked.

    `is_over` is set when its end was recorded, whether it was ended or ran out of time.
    """

    __tablename__ = "impersonations"
    __table_args__ = (
        Index("ix_impersonations_user", "tenant_id", "user_id"),
        partial_index("ix_impersonations_family", "family_id", where="ended_at IS NULL"),
        partial_index("ix_impersonations_running", "tenant_id", "expires_at", where="NOT is_over"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("imp"))
    user_id: Mapped[str] = mapped_column(String(40))
    impersonator_id: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    has_consent: Mapped[bool] = mapped_column(Boolean, default=False)
    family_id: Mapped[str] = mapped_column(String(40), default="")
    started_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    is_over: Mapped[bool] = mapped_column(Boolean, default=False)

    @property
    def status(self) -> str:
        """`active`, `expired` or `ended`, at this moment of business time."""
        if self.ended_at is not None:
            return "ended"
        return "active" if self.expires_at > now() else "expired"
