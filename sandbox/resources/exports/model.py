"""The table of bulk exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Export(TenantOwned, Model):
    """A job that exports what `kind` names. It is ready at `ready_at`, by business time, and noticed then or later.

    `requested_by` is a party of the audit log; `user_id` its id if it is a person. `rows` is counted when it is complete.
    """

    __tablename__ = "exports"
    __table_args__ = (Index("ix_exports_user", "tenant_id", "user_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("exp"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[str | None] = mapped_column(String(40), default=None)
    format: Mapped[str] = mapped_column(String(10))
    requested_by: Mapped[dict[str, Any]] = mapped_column(JSON)
    user_id: Mapped[str | None] = mapped_column(String(40), default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ready_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    rows: Mapped[int | None] = mapped_column(Integer, default=None)

    @property
    def status(self) -> str:
        """`running`, `completed`, `expired` or `cancelled`, at this moment of business time."""
        if self.cancelled_at is not None:
            return "cancelled"
        if self.completed_at is None:
            return "running"
        return "completed" if self.expires_at > now() else "expired"
