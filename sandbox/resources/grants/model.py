"""The table of grants: who allowed which application what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class Grant(TenantOwned, Model):
    """What one person allowed one app; at most one of them is active. `type` is user (consented) or admin (imposed).

    `uses` tells by scope when it was last used, as on the wire; scopes that never were are left out.
    """

    __tablename__ = "grants"
    __table_args__ = (
        partial_index("uq_grants_active", "tenant_id", "user_id", "app_id", unique=True, where="status = 'active'"),
        Index("ix_grants_app", "tenant_id", "app_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("grn"))
    user_id: Mapped[str] = mapped_column(String(40))
    app_id: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default="active")
    type: Mapped[str] = mapped_column(String(20), default="user")
    granted_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_authorized_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    uses: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    @property
    def scopes(self) -> list[str]:
        """The scopes as a list, in the order of the catalog."""
        return self.scope.split()

    @property
    def scope_usage(self) -> list[dict[str, str | None]]:
        """Each scope with the moment of its last use."""
        return [{"scope": scope, "last_used_at": self.uses.get(scope)} for scope in self.scopes]

    @property
    def unused_scopes(self) -> list[str]:
        """The scopes that were never used."""
        return [scope for scope in self.scopes if scope not in self.uses]
