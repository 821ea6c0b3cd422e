"""Clients: the applications that may ask for tokens (RFC 6749 §2, RFC 7591 names)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.access.scopes import parse_scope
from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, db
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id

OAUTH2: Final = "oauth2"
FAPI2: Final = "fapi2"


class Client(TenantOwned, Model):
    """A registered client. Its secret is generated with 256 random bits, so a plain SHA-256 of it is safe to keep.

    `jwks` and `jwks_uri` hold its public keys, one of them at most. `profile` is `oauth2`, or `fapi2` for one held to the
    FAPI 2.0 Security Profile. `resource` is the resource indicator of the API that it guards, if it is a resource server.
    `options` is the rest of its metadata, by the names of RFC 7591 and the specifications that add to it.
    """

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(String(300), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    app_id: Mapped[str | None] = mapped_column(String(40), default=None)
    auth_method: Mapped[str] = mapped_column(String(40))
    secret_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    grant_types: Mapped[list[str]] = mapped_column(JSON)
    redirect_uris: Mapped[list[str]] = mapped_column(JSON, default=list)
    scope: Mapped[str] = mapped_column(Text)
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    jwks_uri: Mapped[str | None] = mapped_column(Text, default=None)
    profile: Mapped[str] = mapped_column(String(20), default=OAUTH2)
    resource: Mapped[str | None] = mapped_column(Text, default=None)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(20), default="enabled")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes it is registered for."""
        return parse_scope(self.scope)

    @property
    def is_enabled(self) -> bool:
        """Whether it may be used at all."""
        return self.status == "enabled"

    def has_secret(self, secret: str) -> bool:
        """Compare a presented secret in constant time."""
        return self.secret_hash is not None and hmac.compare_digest(self.secret_hash, hash_secret(secret))


def find_client(client_id: str) -> Client | None:
    """Look a client of the present tenant up."""
    return db.session.get(Client, (current_tenant_id(), client_id))


def hash_secret(secret: str) -> str:
    """Hash a random secret or token: SHA-256, hexadecimal. Never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
