"""Keys to the lab: a participant's opens the lab of one tenant, without the truth; an instructor's opens all of it.

`SANDBOX_LAB_KEY`, where it is set, is an instructor's key too. Only hashes are kept.
"""

from __future__ import annotations

import hmac

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.access.client import hash_secret
from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.identifiers import new_secret

PARTICIPANT, INSTRUCTOR = "participant", "instructor"


class LabKey(Model):
    """A key by its hash; `tenant` names the one that it opens, and is empty for an instructor's."""

    __tablename__ = "lab_keys"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), default="")


def issue(tenant: str = "") -> str:
    """Make a key to one tenant, or an instructor's; it is told this once."""
    key = new_secret()
    with transaction() as session:
        session.add(LabKey(key_hash=hash_secret(key), tenant=tenant))
    return key


def role_of(key: str, tenant: str, *, own: str) -> str | None:
    """Tell whose key it is at a tenant; None if it does not open it. `own` is the key of the server."""
    if own and hmac.compare_digest(key.encode(), own.encode()):
        return INSTRUCTOR
    opened = db.session.scalar(select(LabKey.tenant).where(LabKey.key_hash == hash_secret(key)))
    if opened is None or opened not in {"", tenant}:
        return None
    return PARTICIPANT if opened else INSTRUCTOR


def count(tenant: str = "") -> int:
    """Count the keys to one tenant, or those of instructors."""
    return db.session.scalar(select(func.count()).select_from(LabKey).where(LabKey.tenant == tenant)) or 0


def forget(tenant: str) -> None:
    """Let no key open a tenant any longer but an instructor's."""
    with transaction() as session:
        session.execute(delete(LabKey).where(LabKey.tenant == tenant))
