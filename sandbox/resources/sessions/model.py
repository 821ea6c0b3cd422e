"""The table of sign-in sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned
from sandbox.resources.sessions.user_agent import Agent, describe


class Session(TenantOwned, Model):
    """A person signed in on one browser. It is over at `expires_at`, which use moves on, or when it was revoked.

    `cookie_hash` is the SHA-256 of the browser's cookie; None for seeded sessions, which no browser holds. `device`, `geo`
    and `network` are objects in wire form. `lineage` is the first of the sessions that one browser had after another for
    this person; None for that first one.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user", "tenant_id", "user_id"),
        Index("uq_sessions_cookie", "tenant_id", "cookie_hash", unique=True),
        partial_index("ix_sessions_lineage", "tenant_id", "lineage", where="lineage IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("ses"))
    user_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_active_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    ip: Mapped[str | None] = mapped_column(String(45), default=None)
    user_agent: Mapped[str | None] = mapped_column(Text, default=None)
    device: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    geo: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    network: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    auth_method: Mapped[str] = mapped_column(String(20))
    mfa: Mapped[bool] = mapped_column(Boolean, default=False)
    cookie_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    lineage: Mapped[str | None] = mapped_column(String(40), default=None)

    @property
    def client(self) -> Agent | None:
        """What signed in, by its own account."""
        return describe(self.user_agent)

    @property
    def status(self) -> str:
        """`active`, `expired` or `revoked`, at this moment of business time."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if self.expires_at > now() else "expired"
