"""When and how strongly the person of a browser session proved who they are; the time is wall time.

A session's own times are business time, which a laboratory moves. Clients compare `auth_time` and `max_age` with their own
clocks (OpenID Connect Core §2), so that instant is kept apart.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.access.acr import ONE_FACTOR
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import Model, db
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id


class Authentication(TenantOwned, Model):
    """The moment, in seconds since 1970, and the level (`access.acr`); neither changes while the session lasts."""

    __tablename__ = "authentications"

    session_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    auth_time: Mapped[int] = mapped_column(BigInteger, default=wall_seconds)
    acr: Mapped[str] = mapped_column(String(100), default=ONE_FACTOR)


def find_authentication(session_id: str | None) -> Authentication | None:
    """Find how the person of a session signed in; None where no browser was involved."""
    return db.session.get(Authentication, (current_tenant_id(), session_id)) if session_id else None


def auth_time(session_id: str | None) -> int | None:
    """Tell when the person of a session signed in; None where no browser was involved."""
    proof = find_authentication(session_id)
    return proof.auth_time if proof else None
