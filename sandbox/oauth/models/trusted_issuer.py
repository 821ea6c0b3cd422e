"""Issuers whose assertions are believed: identity providers that say for whom a client may act (RFC 7523 §2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, db, transaction
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id
from sandbox.resources.audit_events.service import record


class TrustedIssuer(TenantOwned, Model):
    """An issuer by its `iss`, with its public keys: a set that is known, or the address where it publishes one."""

    __tablename__ = "trusted_issuers"

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    jwks_uri: Mapped[str | None] = mapped_column(Text, default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


def find_trusted_issuer(issuer: str) -> TrustedIssuer | None:
    """Look an issuer of the present tenant up."""
    return db.session.get(TrustedIssuer, (current_tenant_id(), issuer))


def list_trusted_issuers() -> list[TrustedIssuer]:
    """List the issuers of the present tenant, by name."""
    return list(db.session.scalars(select(TrustedIssuer).order_by(TrustedIssuer.issuer)))


def trust(issuer: str, *, jwks: dict[str, Any] | None = None, jwks_uri: str | None = None) -> None:
    """Believe an issuer from now on, with these keys instead of those it had before."""
    with transaction() as session:
        session.merge(
            TrustedIssuer(tenant_id=current_tenant_id(), issuer=issuer, jwks=jwks, jwks_uri=jwks_uri, created_at=now())
        )
        record("oauth.issuer.trusted", targets=[("issuer", issuer, None)])


def distrust(issuer: str) -> bool:
    """Believe an issuer no longer; False if it was not believed before. What was issued lives until it expires."""
    with transaction() as session:
        if (known := find_trusted_issuer(issuer)) is None:
            return False
        session.delete(known)
        record("oauth.issuer.distrusted", targets=[("issuer", issuer, None)])
        return True
