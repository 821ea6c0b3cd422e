"""What may be used once: the `jti` of DPoP proofs and assertions, remembered until they would have expired anyway.

Whoever inserts the row first has spent it; the database decides, so it holds for any number of threads, workers and hosts.
Spend before the transaction that does the work: then a refusal later in the request does not give it back.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any, Final, cast

from sqlalchemy import BigInteger, CursorResult, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import Model, db, on_refusal, table_of, transaction
from sandbox.foundation.dialects import insert_unless_there
from sandbox.foundation.tenancy import TenantOwned, current_tenant_id

CLEANED_EVERY: Final = 64
CLEANED_AT_MOST: Final = 256


class Spent(TenantOwned, Model):
    """Something that was used: `digest` is of its kind, who made it and its `jti`, `expires_at` wall time in seconds."""

    __tablename__ = "spent"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)


def spend(kind: str, who: str, jti: str, expires_at: int) -> bool:
    """Use up the `jti` that `who` (an issuer, a key's thumbprint) chose; True for exactly one of any number of callers.

    Committed at once. Inside a transaction it is part of that one, and written again should that one be rolled back.
    """
    row = {
        "tenant_id": current_tenant_id(),
        "digest": hashlib.sha256(json.dumps([kind, who, jti]).encode()).hexdigest(),
        "kind": kind,
        "expires_at": expires_at,
    }
    with transaction():
        if not _insert(row):
            return False
        on_refusal(lambda: _insert(row))
        if secrets.randbelow(CLEANED_EVERY) == 0:
            forget_expired()
    return True


def forget_expired() -> int:
    """Delete some of what has expired, more than is spent between two calls; tells how many."""
    mine, spent = Spent.tenant_id == current_tenant_id(), table_of(Spent).c
    with transaction() as session:
        expired = select(spent.digest).where(mine, spent.expires_at <= wall_seconds()).limit(CLEANED_AT_MOST)
        # Locked ones are being deleted by somebody else: nobody waits for anybody, so nothing can end in a deadlock.
        digests = session.scalars(expired.with_for_update(skip_locked=True)).all()
        gone = session.execute(delete(table_of(Spent)).where(mine, spent.digest.in_(digests)))
        return cast(CursorResult[Any], gone).rowcount


def _insert(row: dict[str, Any]) -> bool:
    """Insert a row; False when it was there."""
    unspent = insert_unless_there(table_of(Spent), **row).returning(Spent.digest)
    return db.session.execute(unspent).first() is not None
