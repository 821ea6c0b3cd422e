"""Authorization codes (RFC 6749 §4.1.2): kept as hashes, short-lived, consumed once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, Moment
from sandbox.foundation.tenancy import TenantOwned


class AuthorizationCode(TenantOwned, Model):
    """A code and everything it is bound to; its family exists from the consent on, so that revoking it kills the code.

    `redirect_uri` is what the authorization request named, empty if it named none; `terms` are `access.terms`; `nonce`
    and `claims` are as they were sent; `expires_at` is wall time in seconds. The getter is what Authlib asks for.
    """

    __tablename__ = "authorization_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[str] = mapped_column(String(40), index=True)
    client_id: Mapped[str] = mapped_column(String(300))
    redirect_uri: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    nonce: Mapped[str | None] = mapped_column(Text, default=None)
    claims: Mapped[str | None] = mapped_column(Text, default=None)
    code_challenge: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[int] = mapped_column(BigInteger)
    consumed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    def get_redirect_uri(self) -> str:
        """Tell which redirect URI the token request has to repeat (RFC 6749 §4.1.3)."""
        return self.redirect_uri
