"""The table of third-party applications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class App(TenantOwned, Model):
    """An application that people connected. `client_id` is None for one that no client of this server stands for.

    `scope` is what it asks people for, as a scope string; `origin` is internal or external. Who uses it, and when last, is
    known to the grants.
    """

    __tablename__ = "apps"
    __table_args__ = (Index("uq_apps_client", "tenant_id", "client_id", unique=True),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("app"))
    client_id: Mapped[str | None] = mapped_column(String(300), default=None)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    publisher_name: Mapped[str] = mapped_column(String(200), default="")
    publisher_website: Mapped[str] = mapped_column(Text, default="")
    publisher_is_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    status: Mapped[str] = mapped_column(String(20), default="enabled")
    permission_level: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(20), default="external")
    first_authorized_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
