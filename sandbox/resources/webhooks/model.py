"""The table of webhooks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Webhook(TenantOwned, Model):
    """An address that is called with what happens. `events` are actions or patterns such as `auth.*`; none is all.

    Its secret is not kept: it is derived from the server's own, the id and `secret_version`. The former version signs too
    until `former_until` (milliseconds since 1970, protocol time).
    """

    __tablename__ = "webhooks"
    __table_args__ = (UniqueConstraint("tenant_id", "url"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("whk"))
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(Text, default="")
    events: Mapped[list[str]] = mapped_column(JSON)
    is_signed: Mapped[bool] = mapped_column(Boolean, default=True)
    status: Mapped[str] = mapped_column(String(10), default="enabled")
    disabled_reason: Mapped[str | None] = mapped_column(String(200), default=None)
    secret_version: Mapped[int] = mapped_column(Integer, default=1)
    former_until: Mapped[int | None] = mapped_column(BigInteger, default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_success_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_failure_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    consecutive_failures: Mapped[int] = mapped_column(Integer, default=0)
