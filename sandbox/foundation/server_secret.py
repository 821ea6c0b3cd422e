"""The server's own secret, from which every sealing and signing key is derived by purpose.

Given by the setting `secret_key`, else made once and kept in the database, so that cursors and forms survive restarts
and hold across workers. It is no tenant's data: what is sealed with it names the tenant.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from weakref import WeakKeyDictionary

from sqlalchemy import String, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, db


class ServerSecret(Model):
    """A single row: 256 random bits in hexadecimal."""

    __tablename__ = "server_secrets"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))


_roots: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()


def use_secret(value: str) -> None:
    """Use this secret instead of the one in the database."""
    _roots[db.engine] = value.encode()


def derive_key(purpose: str) -> bytes:
    """Derive the 32-byte key of one purpose, such as `cursor` (HMAC-SHA-256 as a KDF, NIST SP 800-108)."""
    root = _roots.get(db.engine) or _roots.setdefault(db.engine, _stored_root())
    return hmac.new(root, purpose.encode(), hashlib.sha256).digest()


def _stored_root() -> bytes:
    """Read the root, making it first if nobody did; of two workers that both make one, the first to commit wins."""
    read = select(ServerSecret.value).where(ServerSecret.name == "root")
    with db.engine.begin() as connection:
        if found := connection.execute(read).scalar_one_or_none():
            return found.encode()
    try:
        with db.engine.begin() as connection:
            connection.execute(ServerSecret.__table__.insert().values(name="root", value=secrets.token_hex(32)))
    except IntegrityError:
        pass  # Another worker was first; its row is read below.
    with db.engine.begin() as connection:
        return connection.execute(read).scalar_one().encode()
