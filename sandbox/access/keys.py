"""Signing keys of a tenant, with overlapping rotation, and their public half as a JWKS (RFC 7517).

A key is published before it signs and stays published after it stopped, so that verifiers never meet an unknown `kid`.
Private keys are random per database and are no part of the seeded data.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from joserfc.errors import UnsupportedAlgorithmError, UnsupportedHeaderError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, Moment, db, transaction
from sandbox.foundation.tenancy import TenantOwned, touch

ALGORITHM = "ES256"
Key = ECKey | RSAKey | OKPKey

_GENERATORS: Final[dict[str, Callable[[], Key]]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "RS256": lambda: RSAKey.generate_key(2048),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}
ALGORITHMS: Final = tuple(_GENERATORS)


class Algorithms(JWSRegistry):
    """The algorithms that are allowed, and headers that are well-formed.

    `EdDSA` passes without a warning: its new name (RFC 9864) few clients know yet. A `crit` that is no list is refused
    here, since the library would stumble over it before any signature is checked.
    """

    def check_header(self, header: dict[str, Any]) -> None:
        """Check a header; raises JoseError."""
        if not isinstance(header.get("crit", []), list):
            raise UnsupportedHeaderError("The crit is no list.")
        super().check_header(header)

    def get_alg(self, name: str) -> Any:
        """Find an algorithm; raises UnsupportedAlgorithmError for one that is not allowed."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError("The algorithm is not allowed.")
        return self.algorithms[name]


class SigningKey(TenantOwned, Model):
    """One key pair; `id` is its `kid`, the RFC 7638 thumbprint. It signs until `retired_at`."""

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(10), default=ALGORITHM)
    private_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    retired_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


def make_key(algorithm: str = ALGORITHM) -> SigningKey:
    """Make and keep a new key of the present tenant."""
    with transaction() as session:
        pair = _GENERATORS[algorithm]()
        kid = pair.thumbprint()
        key = SigningKey(id=kid, algorithm=algorithm, private_jwk={**pair.as_dict(private=True), "kid": kid})
        session.add(key)
        touch()
        return key


def signing_key(algorithm: str = ALGORITHM) -> tuple[str, Key]:
    """Give the newest living key for an algorithm, as (kid, key); made when it is asked for first."""
    living = select(SigningKey).where(SigningKey.algorithm == algorithm, SigningKey.retired_at.is_(None))
    newest = living.order_by(SigningKey.created_at.desc()).limit(1)
    row = db.session.scalars(newest).one_or_none() or make_key(algorithm)
    return row.id, _import(row.private_jwk)


def public_keys() -> KeySet:
    """Give every published key: what verifies tokens, and what `/oauth/jwks` shows."""
    rows = db.session.scalars(select(SigningKey).order_by(SigningKey.created_at)).all()
    return KeySet.import_key_set({"keys": [_public(row) for row in rows]})


def _public(row: SigningKey) -> dict[str, Any]:
    public = _import(row.private_jwk).as_dict(private=False)
    return {**public, "kid": row.id, "alg": row.algorithm, "use": "sig"}


def _import(jwk: dict[str, Any]) -> Key:
    kinds: dict[str, type[Key]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
    return kinds[jwk["kty"]].import_key(jwk)
