"""The table of log streams."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class LogStream(TenantOwned, Model):
    """One destination of audit events. `categories` are those that it gets, none means all; `status` is enabled, disabled.

    `last_delivery_error` is what the last attempt said, None if it arrived.
    """

    __tablename__ = "log_streams"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("lst"))
    name: Mapped[str] = mapped_column(String(100))
    type: Mapped[str] = mapped_column(String(20))
    destination: Mapped[str] = mapped_column(Text)
    categories: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20), default="enabled")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_delivery_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_delivery_error: Mapped[str | None] = mapped_column(Text, default=None)
