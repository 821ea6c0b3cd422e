"""Facts about the server itself: its secret, from which sealing and signing keys derive, and the shape of its database.

The secret is given by the setting `secret_key`, else made once and kept, so that cursors and forms survive restarts and
hold across workers. No tenant's data: what is sealed with it names the tenant.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from weakref import WeakKeyDictionary

from sqlalchemy import String, inspect, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.database import Model, db, table_of


class ServerFact(Model):
    """A fact by name: `root` is 256 random bits in hexadecimal, `schema` the digest of the tables."""

    __tablename__ = "server_facts"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))


class SchemaMismatch(Exception):
    """The database was made by another version of this program."""


_roots: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()


def use_secret(value: str) -> None:
    """Use this secret instead of the one in the database."""
    _roots[db.engine] = value.encode()


def derive_key(purpose: str) -> bytes:
    """Derive the 32-byte key of one purpose, such as `cursor` (HMAC-SHA-256 as a KDF, NIST SP 800-108)."""
    if (root := _roots.get(db.engine)) is None:
        root = _roots.setdefault(db.engine, _keep("root", secrets.token_hex(32)).encode())
    return hmac.new(root, purpose.encode(), hashlib.sha256).digest()


def prepare_schema() -> None:
    """Create the tables of an empty database; raises SchemaMismatch for one that another version made."""
    digest, present = _schema_digest(), set(inspect(db.engine).get_table_names())
    if "tenants" in present and ("server_facts" not in present or _read("schema") != digest):
        raise SchemaMismatch("The database was made by another version of the sandbox; remove it, or name another one.")
    if not Model.metadata.tables.keys() <= present:
        db.create_all()
        _keep("schema", digest)


def _keep(name: str, value: str) -> str:
    """Keep a fact unless it is known already, and tell what is known; of two workers the first to commit wins."""
    if (known := _read(name)) is not None:
        return known
    try:
        with db.engine.begin() as connection:
            connection.execute(table_of(ServerFact).insert().values(name=name, value=value))
    except IntegrityError:
        return str(_read(name))
    return value


def _read(name: str) -> str | None:
    with db.engine.connect() as connection:
        return connection.execute(select(ServerFact.value).where(ServerFact.name == name)).scalar_one_or_none()


def _schema_digest() -> str:
    """Digest the vendor's tables; those of the lab come and go with it."""
    vendors = (table for table in Model.metadata.tables.values() if not table.name.startswith("lab_"))
    tables = sorted(vendors, key=lambda table: table.name)
    shape = [
        f"{table.name}.{column.name} {column.type!r} {column.nullable}" for table in tables for column in table.columns
    ]
    return hashlib.sha256("\n".join(shape).encode()).hexdigest()
