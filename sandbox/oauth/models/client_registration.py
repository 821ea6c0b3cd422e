"""What dynamic registration keeps: who may register, which clients registered themselves, and who vouches for software."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import Model
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned


class InitialAccessToken(TenantOwned, Model):
    """Lets its holder register clients (RFC 7591 §3), for `scope` at most; `expires_at` is wall time in seconds."""

    __tablename__ = "initial_access_tokens"
    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("iat"))
    token_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[int | None] = mapped_column(BigInteger, default=None)


class Registration(TenantOwned, Model):
    """A client that registered itself: the hash of the token that manages it, and the scope beyond which it cannot go.

    `issued_at` is wall time in seconds (RFC 7591 §3.2.1).
    """

    __tablename__ = "client_registrations"

    client_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    bounds: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[int] = mapped_column(BigInteger, default=wall_seconds)


class StatementIssuer(TenantOwned, Model):
    """Whose software statements are believed (RFC 7591 §2.3), with the public keys that verify them."""

    __tablename__ = "software_statement_issuers"

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    jwks: Mapped[dict[str, Any]] = mapped_column(JSON)
