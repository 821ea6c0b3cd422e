"""Signing keys of a tenant, with overlapping rotation, and their public half as a JWKS (RFC 7517).

A key is published before it signs, and stays published until the last token that it signed has expired, so that verifiers
never meet an unknown `kid`. All of that follows from two instants beside each key; nothing has to happen when they come.
They are wall time, which verifiers live in. Private keys are random per database and are no part of the seeded data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from sqlalchemy import JSON, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.access.jose import KEY_KINDS, OUR_ALGORITHMS, Key
from sandbox.foundation.clock import wall_now
from sandbox.foundation.database import Model, Moment, db, transaction
from sandbox.foundation.tenancy import TenantOwned, touch

ALGORITHM: Final = OUR_ALGORITHMS[0]

_GENERATORS: Final[dict[str, Callable[[], Key]]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "RS256": lambda: RSAKey.generate_key(2048),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}
_PUBLIC: Final = ("kty", "crv", "x", "y", "n", "e")


class SigningKey(TenantOwned, Model):
    """One key pair; `id` is its `kid`, the RFC 7638 thumbprint.

    It signs from `signs_from` until the next one of its algorithm does. `published_until` is None while there is no next.
    """

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(10), default=ALGORITHM)
    private_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    signs_from: Mapped[datetime] = mapped_column(Moment, default=wall_now)
    published_until: Mapped[datetime | None] = mapped_column(Moment, default=None)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key to sign with, from an instant on."""

    signs_from: datetime
    kid: str
    key: Key


def make_key(algorithm: str = ALGORITHM, *, signs_from: datetime | None = None) -> SigningKey:
    """Make and keep a new key of the present tenant, which signs at once or from an instant on."""
    with transaction() as session:
        pair = _GENERATORS[algorithm]()
        jwk = {**pair.as_dict(private=True), "kid": pair.thumbprint()}
        key = SigningKey(id=jwk["kid"], algorithm=algorithm, private_jwk=jwk, signs_from=signs_from or wall_now())
        session.add(key)
        touch()
        return key


def ensure_key(algorithm: str = ALGORITHM) -> None:
    """See to it that there is a key for an algorithm, made once by whoever comes first."""
    if keys_of(algorithm):
        return
    with transaction():
        touch()  # First, since it queues those who come at the same moment.
        if not keys_of(algorithm):
            make_key(algorithm)


def signers(algorithm: str = ALGORITHM) -> tuple[Signer, ...]:
    """List the keys of an algorithm to choose from; callers may keep the list until the tenant's stamp changes."""
    return tuple(Signer(row.signs_from, row.id, _import(row.private_jwk)) for row in keys_of(algorithm))


def choose(among: Sequence[Signer]) -> tuple[str, Key]:
    """Give the newest key that signs at this moment, as (kid, key)."""
    now = wall_now()
    signer = max((one for one in among if one.signs_from <= now), key=lambda one: one.signs_from, default=among[0])
    return signer.kid, signer.key


def signing_key(algorithm: str = ALGORITHM) -> tuple[str, Key]:
    """Give the key that signs with an algorithm now, as (kid, key); made when it is asked for first."""
    ensure_key(algorithm)
    return choose(signers(algorithm))


def public_keys() -> KeySet:
    """Give every published key: what verifies tokens, and what `/oauth/jwks` shows."""
    rows = db.session.scalars(select(SigningKey).where(_is_published()).order_by(SigningKey.signs_from)).all()
    return KeySet.import_key_set({"keys": [_public(row) for row in rows]})


def published_key(kid: object) -> Key:
    """Find the key that a JWT names in its header, which verifies its own algorithm only; raises ValueError."""
    row = None
    if isinstance(kid, str) and kid.isprintable():
        row = db.session.scalars(select(SigningKey).where(SigningKey.id == kid, _is_published())).one_or_none()
    if row is None:
        raise ValueError("No published key has this kid.")
    return _import(_public(row))


def keys_of(algorithm: str) -> list[SigningKey]:
    """List the keys of an algorithm in the order in which they sign."""
    rows = select(SigningKey).where(SigningKey.algorithm == algorithm)
    return list(db.session.scalars(rows.order_by(SigningKey.signs_from, SigningKey.id)).all())


def _is_published() -> Any:
    return or_(SigningKey.published_until.is_(None), SigningKey.published_until > wall_now())


def _public(row: SigningKey) -> dict[str, Any]:
    public: dict[str, Any] = {member: row.private_jwk[member] for member in _PUBLIC if member in row.private_jwk}
    return {**public, "kid": row.id, "alg": row.algorithm, "use": "sig"}


def _import(jwk: dict[str, Any]) -> Key:
    return KEY_KINDS[jwk["kty"]].import_key(jwk)
