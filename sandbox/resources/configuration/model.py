"""The tables of the configuration: values that differ from what nobody ever set, and every change that led to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Setting(TenantOwned, Model):
    """The value of one setting; where there is no row, the default of the catalog holds."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_by: Mapped[str | None] = mapped_column(String(40), default=None)


class SettingChange(TenantOwned, Model):
    """One change of one setting; `changed_by` is a party of the audit log, `event_id` its event."""

    __tablename__ = "setting_changes"
    __table_args__ = (Index("ix_setting_changes_key", "tenant_id", "key", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("cfg"))
    key: Mapped[str] = mapped_column(String(100))
    old: Mapped[Any] = mapped_column(JSON)
    new: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    changed_by: Mapped[dict[str, Any]] = mapped_column(JSON)
    event_id: Mapped[str] = mapped_column(String(40))
