"""The table of forwarding rules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class ForwardingRule(TenantOwned, Model):
    """What of a person's goes to `address`: notifications, documents or everything. At most one rule an address.

    `is_external` is how the address was judged when the rule was made.
    """

    __tablename__ = "forwarding_rules"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "address"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("fwr"))
    user_id: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(320))
    content: Mapped[str] = mapped_column(String(20), default="notifications")
    is_external: Mapped[bool] = mapped_column(Boolean)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
