"""Assertions of all kinds, good and hostile, made with jwcrypto: another library than the one that reads them.

`Signer` is somebody with a key; `claims` are those of a good client assertion, and whatever is given overrides them.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from sandbox.foundation.clock import wall_seconds

ISSUER = "http://localhost"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KINDS: dict[str, dict[str, Any]] = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "PS256": {"kty": "RSA", "size": 2048},
    "RS256": {"kty": "RSA", "size": 2048},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}


class Signer:
    """Somebody with a key pair of an algorithm."""

    def __init__(self, algorithm: str = "ES256", kid: str = "first") -> None:
        self.algorithm, self.kid = algorithm, kid
        self.key = JWK.generate(kid=kid, **KINDS[algorithm])

    @property
    def public(self) -> dict[str, Any]:
        """The public key."""
        exported: dict[str, Any] = self.key.export_public(as_dict=True)
        return exported

    @property
    def jwks(self) -> dict[str, Any]:
        """The public key as a set of its own."""
        return {"keys": [self.public]}

    def sign(self, claims: dict[str, Any] | str, **header: Any) -> str:
        """Sign claims; a header member of None is left out."""
        usual = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        protected = {name: value for name, value in {**usual, **header}.items() if value is not None}
        token = JWS(claims if isinstance(claims, str) else json.dumps(claims))
        token.allowed_algs = [*KINDS, "HS256", "ES512"]
        token.add_signature(self.key, alg=protected.get("alg"), protected=json.dumps(protected))
        compact: str = token.serialize(compact=True)
        return compact


def claims(client_id: str, **changes: Any) -> dict[str, Any]:
    """Claims of a good assertion; None leaves one out."""
    now = wall_seconds()
    usual = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + 60,
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def form(assertion: str, /, **fields: str) -> dict[str, str]:
    """The form of a client that authenticates with an assertion."""
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **fields}


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    """A token with `alg: none`, which no library makes gladly."""
    return f"{_part({'alg': 'none', **header})}.{_part(claims)}."


def with_secret(claims: dict[str, Any], secret: bytes, **header: Any) -> str:
    """A token signed with HS256, as if a public key were a secret."""
    key = JWK(kty="oct", k=base64.urlsafe_b64encode(secret).rstrip(b"=").decode())
    token = JWS(json.dumps(claims))
    token.allowed_algs = ["HS256"]
    token.add_signature(key, alg="HS256", protected=json.dumps({"alg": "HS256", **header}))
    compact: str = token.serialize(compact=True)
    return compact


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
