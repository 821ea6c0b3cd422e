"""What was issued, and its revocation: token families, access tokens, refresh tokens.

A family begins with one authorization (a consent, a sign-in, a client's own grant) and holds everything that was ever
derived from it, so that suspending a user, disabling an app or a replayed refresh token kills all of it in one update
(RFC 9700 §4.14). Tokens are kept as identifiers or hashes, never as values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.announce import announce
from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, db, transaction
from sandbox.foundation.dialects import partial_index
from sandbox.foundation.identifiers import new_id
from sandbox.foundation.tenancy import TenantOwned, touch


class TokenFamily(TenantOwned, Model):
    """One authorization and all that came of it. `user_id` is None for a client that acts for itself.

    `parent_id` names the family whose token it was derived from, by exchange: it ends with that one (RFC 8693).
    """

    __tablename__ = "token_families"
    __table_args__ = (
        # A client that acts for itself sets none of these, and pays for none.
        partial_index("ix_token_families_user_id", "user_id", where="user_id IS NOT NULL"),
        partial_index("ix_token_families_grant_id", "grant_id", where="grant_id IS NOT NULL"),
        partial_index("ix_token_families_session_id", "session_id", where="session_id IS NOT NULL"),
        partial_index("ix_token_families_parent_id", "parent_id", where="parent_id IS NOT NULL"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: new_id("fam"))
    client_id: Mapped[str] = mapped_column(String(300), index=True)
    user_id: Mapped[str | None] = mapped_column(String(40), default=None)
    grant_id: Mapped[str | None] = mapped_column(String(40), default=None)
    session_id: Mapped[str | None] = mapped_column(String(40), default=None)
    parent_id: Mapped[str | None] = mapped_column(String(40), default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    revoked_reason: Mapped[str | None] = mapped_column(String(100), default=None)


class AccessToken(TenantOwned, Model):
    """An issued access token; `id` is its `jti`, `expires_at` is wall time in seconds since 1970, `terms` a `Terms`."""

    __tablename__ = "access_tokens"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    family_id: Mapped[str] = mapped_column(String(40), index=True)
    scope: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class RefreshToken(TenantOwned, Model):
    """An issued refresh token, by its hash; it is consumed once, by one conditional UPDATE (RFC 9700 §4.14.2)."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    family_id: Mapped[str] = mapped_column(String(40), index=True)
    scope: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    consumed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


@dataclass(frozen=True, slots=True)
class FamiliesRevoked:
    """Announced inside the transaction that revokes them."""

    family_ids: tuple[str, ...]
    client_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    reason: str


def revoke_families(reason: str, *where: ColumnElement[bool]) -> int:
    """Revoke every living family that matches, and what was derived from it, at once for the whole API; tells how many.

    For example `revoke_families("user suspended", TokenFamily.user_id == user_id)`.
    """
    with transaction():
        families = derived = _living(*where)
        if not families:
            return 0
        while derived:
            for family in derived:
                family.revoked_at, family.revoked_reason = now(), reason
            db.session.flush()
            derived = _living(TokenFamily.parent_id.in_([family.id for family in derived]))
            families = families + derived
        touch()
        announce(
            FamiliesRevoked(
                tuple(family.id for family in families),
                tuple(sorted({family.client_id for family in families})),
                tuple(sorted({family.user_id for family in families if family.user_id})),
                reason,
            )
        )
        return len(families)


def _living(*where: ColumnElement[bool]) -> list[TokenFamily]:
    living = select(TokenFamily).where(TokenFamily.revoked_at.is_(None), *where).with_for_update()
    return list(db.session.scalars(living))


def revoke_access_token(token_id: str) -> bool:
    """Revoke a single access token; False when it was not alive."""
    with transaction():
        changed = db.session.execute(
            update(AccessToken)
            .where(AccessToken.id == token_id, AccessToken.revoked_at.is_(None))
            .values(revoked_at=now())
        )
        if alive := _count(changed) == 1:
            touch()
        return alive


def consume_once(model: type[Any], *where: ColumnElement[bool]) -> bool:
    """Mark one row of a single-use credential as consumed; True for exactly one of any number of callers at once."""
    with transaction():
        unused = update(model).where(model.consumed_at.is_(None), *where).values(consumed_at=now())
        return _count(db.session.execute(unused)) == 1


def _count(result: Any) -> int:
    return int(result.rowcount)
