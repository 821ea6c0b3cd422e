"""DPoP proofs as clients make them, good and bad, on jwcrypto: not the implementation of JOSE that checks them."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from typing import Any
from uuid import uuid4

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

KINDS: dict[str, dict[str, Any]] = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "PS256": {"kty": "RSA", "size": 2048},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}


class Holder:
    """Somebody who holds a key."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.key = JWK.generate(**KINDS[algorithm])

    @property
    def public(self) -> dict[str, Any]:
        exported: dict[str, Any] = self.key.export_public(as_dict=True)
        return exported

    @property
    def jkt(self) -> str:
        return str(self.key.thumbprint())

    def proof(
        self,
        method: str,
        address: str,
        *,
        token: str | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A proof for a request, for the use of a token too; a claim or header parameter that is None is left out."""
        usual = {"jti": str(uuid4()), "htm": method, "htu": address, "iat": int(time.time())}  # noqa: TID251
        if token is not None:
            usual["ath"] = hash_of(token)
        head = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.public, **(header or {})}
        return self.sign(_without_none(head), json.dumps(_without_none({**usual, **claims})))

    def sign(self, header: dict[str, Any], payload: str) -> str:
        """Any JWS with a good signature."""
        made = JWS(payload)
        made.allowed_algs = [header["alg"]]
        made.add_signature(self.key, protected=json.dumps(header))
        return str(made.serialize(compact=True))


def hash_of(token: str) -> str:
    """What `ath` is of a token (RFC 9449 §4.2)."""
    return encoded(hashlib.sha256(token.encode()).digest())


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(header: Any, payload: Any, signature: bytes = b"x" * 64) -> str:
    """Something that looks like a JWS; text goes in as it is, everything else as JSON."""
    parts = [part.encode() if isinstance(part, str) else json.dumps(part).encode() for part in (header, payload)]
    return ".".join(encoded(part) for part in (*parts, signature))


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
