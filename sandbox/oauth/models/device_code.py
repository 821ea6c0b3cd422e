"""Device codes (RFC 8628 §3.2): what a device waits with, what a person decided, and how fast the device may ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Integer, String, Text, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import Model, Moment, db, transaction
from sandbox.foundation.tenancy import TenantOwned
from sandbox.oauth.user_code import hash_user_code

POLL_SECONDS = 5
APPROVED, DENIED = "approved", "denied"


class DeviceCode(TenantOwned, Model):
    """A device that waits. `scope` is what it asks, and once it is approved what it got; `family_id` exists from then on.

    `decision` is None, `approved` or `denied`; `ip` and `user_agent` say where the device asked from; `expires_at` and
    `polled_at` are wall time in seconds.
    """

    __tablename__ = "device_codes"
    __table_args__ = (UniqueConstraint("tenant_id", "user_code_hash"),)

    nonce: ClassVar[None] = None  # A device has no authorization request that could carry one, or claims.
    claims: ClassVar[None] = None

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_code_hash: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str] = mapped_column(String(300))
    scope: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    ip: Mapped[str | None] = mapped_column(String(45), default=None)
    user_agent: Mapped[str | None] = mapped_column(Text, default=None)
    poll_seconds: Mapped[int] = mapped_column(Integer, default=POLL_SECONDS)
    polled_at: Mapped[int | None] = mapped_column(BigInteger, default=None)
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)
    decision: Mapped[str | None] = mapped_column(String(10), default=None)
    family_id: Mapped[str | None] = mapped_column(String(40), default=None, index=True)
    consumed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


def is_known(user_code: str) -> bool:
    """Tell whether some device has, or had, this user code."""
    mine = select(DeviceCode.code_hash).where(DeviceCode.user_code_hash == hash_user_code(user_code))
    return db.session.execute(mine).first() is not None


def find_waiting(user_code: str) -> DeviceCode | None:
    """Find the device that shows a user code, as long as nobody decided and it has time left."""
    waiting = select(DeviceCode).where(DeviceCode.decision.is_(None), DeviceCode.expires_at > wall_seconds())
    return db.session.scalars(waiting.where(DeviceCode.user_code_hash == hash_user_code(user_code))).one_or_none()


def decide(code: DeviceCode, decision: str, **result: str) -> bool:
    """Write down what a person decided, with what came of it; False if somebody decided before, or time is up."""
    undecided = update(DeviceCode).where(DeviceCode.code_hash == code.code_hash, DeviceCode.decision.is_(None))
    with transaction() as session:
        timely = undecided.where(DeviceCode.expires_at > wall_seconds()).values(decision=decision, **result)
        return bool(session.execute(timely).rowcount)  # type: ignore[attr-defined]


def keeps_pace(code: DeviceCode) -> bool:
    """Note a poll; False if it came too early, which makes every further wait longer (RFC 8628 §3.5).

    Each way is one conditional UPDATE, so of polls at the same moment one at most is in time.
    """
    now = wall_seconds()
    mine = update(DeviceCode).where(DeviceCode.code_hash == code.code_hash)
    rested = or_(DeviceCode.polled_at.is_(None), DeviceCode.polled_at + DeviceCode.poll_seconds <= now)
    with transaction() as session:
        if session.execute(mine.where(rested).values(polled_at=now)).rowcount:  # type: ignore[attr-defined]
            return True
        session.execute(mine.values(polled_at=now, poll_seconds=DeviceCode.poll_seconds + POLL_SECONDS))
        return False
