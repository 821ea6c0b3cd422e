"""The table of API tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned
from sandbox.resources.users.model import User


class ApiToken(TenantOwned, Model):
    """A token by the SHA-256 of its value, which nobody keeps; `hint` is how the value begins, to tell it from others.

    It speaks for `owner_id`: a person, or the user behind `service_account_id`. None for `expires_at` means never.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        ForeignKeyConstraint(["tenant_id", "owner_id"], ["users.tenant_id", "users.id"]),
        Index("ix_api_tokens_owner", "tenant_id", "owner_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("tok"))
    name: Mapped[str] = mapped_column(String(100))
    owner_id: Mapped[str] = mapped_column(String(40))
    service_account_id: Mapped[str | None] = mapped_column(String(40), default=None)
    token_hash: Mapped[str] = mapped_column(String(64))
    hint: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by: Mapped[str | None] = mapped_column(String(300), default=None)
    expires_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_used_ip: Mapped[str | None] = mapped_column(String(45), default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    rotated_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    owner: Mapped[User] = relationship(viewonly=True)

    @property
    def owner_status(self) -> str:
        """The status of the user that it speaks for."""
        return self.owner.status

    @property
    def issued_at(self) -> datetime:
        """When its present value was made."""
        return self.rotated_at or self.created_at

    @property
    def age_days(self) -> int:
        """Whole days since then, in business time."""
        return (now() - self.issued_at).days

    @property
    def type(self) -> str:
        """`service` for a service account's, else `personal`."""
        return "personal" if self.service_account_id is None else "service"

    @property
    def scopes(self) -> list[str]:
        """What it may at most."""
        return self.scope.split()

    @property
    def status(self) -> str:
        """`active`, `expired` or `revoked`, at this moment of business time."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if self.expires_at is None or self.expires_at > now() else "expired"
