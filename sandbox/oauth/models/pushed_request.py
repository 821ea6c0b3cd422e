"""Authorization requests that clients pushed (RFC 9126): kept until a code is issued for them, or they expire."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, Moment
from sandbox.foundation.tenancy import TenantOwned


class PushedRequest(TenantOwned, Model):
    """A request by the hash of its `request_uri`; a browser that came in time, at `opened_at`, gets time to sign in.

    `parameters` has a list of values for each name; `signed` is the algorithm of the request object they came in. The
    moments are wall time in seconds.
    """

    __tablename__ = "pushed_requests"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(300))
    parameters: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    signed: Mapped[str | None] = mapped_column(String(10), default=None)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[int | None] = mapped_column(BigInteger, default=None)
    consumed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
