"""The table of response actions: what was done about somebody or something, by whom, why, and with what result."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Action(TenantOwned, Model):
    """One response action that was taken. `actor` is a party of the audit log; `inverse` names what would undo it."""

    __tablename__ = "actions"
    __table_args__ = (Index("ix_actions_target", "tenant_id", "target_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("act"))
    name: Mapped[str] = mapped_column(String(60))
    target_type: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str] = mapped_column(String(40))
    target_name: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    actor: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    inverse: Mapped[str | None] = mapped_column(String(60))
    undo_of: Mapped[str | None] = mapped_column(String(40), default=None)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def target(self) -> dict[str, str | None]:
        """What was acted on, as the audit log names it."""
        return {"type": self.target_type, "id": self.target_id, "name": self.target_name}
