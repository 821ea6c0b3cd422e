"""The tables of identity providers and of the people who need not use them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class IdentityProvider(TenantOwned, Model):
    """One provider by its own metadata; of its signing certificate only what tells it from others is kept.

    While it `is_enabled` and `is_enforced`, passwords are refused to everybody who is not exempt.
    """

    __tablename__ = "identity_providers"
    __table_args__ = (UniqueConstraint("tenant_id", "issuer"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("idp"))
    name: Mapped[str] = mapped_column(String(100))
    protocol: Mapped[str] = mapped_column(String(10))
    issuer: Mapped[str] = mapped_column(String(500))
    sign_in_url: Mapped[str] = mapped_column(Text)
    metadata_url: Mapped[str | None] = mapped_column(Text, default=None)
    certificate_fingerprint: Mapped[str | None] = mapped_column(String(64), default=None)
    certificate_expires_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    is_enforced: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Exemption(TenantOwned, Model):
    """A person who may sign in with a password although a provider is enforced, and why."""

    __tablename__ = "identity_provider_exemptions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "provider_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(["tenant_id", "provider_id"], ["identity_providers.tenant_id", "identity_providers.id"]),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("exm"))
    provider_id: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
