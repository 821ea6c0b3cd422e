"""Reading a DPoP proof: a JWT that carries its own public key and is signed with the private one (RFC 9449 §4.2).

Anybody may send anything here, before anybody is known: sizes are bounded, keys are built from the members that define them
and nothing else, and whatever does not fit is an InvalidProof. Whether a proof belongs to a request is asked in `dpop.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import base64_to_int

from sandbox.access.jose import KEY_KINDS, LEEWAY_SECONDS, PRIVATE_MEMBERS, PROOF_ALGORITHMS, Algorithms, Key
from sandbox.foundation.clock import wall_seconds

_KEY_OF: Final[dict[str, tuple[str, str | None]]] = {
    "ES256": ("EC", "P-256"),
    "PS256": ("RSA", None),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}

_DEFINING: Final = {
    "EC": ("crv", "kty", "x", "y"),
    "RSA": ("e", "kty", "n"),
    "OKP": ("crv", "kty", "x"),
}  # RFC 7638 §3.2
_MODULUS_BITS: Final = range(2048, 4097)
_EXPONENT_BITS: Final = 32

_RULE = "(RFC 9449 section 4.3)"
_MALFORMED = f"The DPoP header is not a well-formed JWT {_RULE}."


class InvalidProof(Exception):
    """The proof cannot be used; the message may be shown to the caller, `error` is the code that goes with it."""

    error = "invalid_dpop_proof"


@dataclass(frozen=True, slots=True)
class Proof:
    """A genuine proof: the thumbprint of its key (RFC 7638), and its claims, of which `jti` and `iat` have their types."""

    jkt: str
    claims: dict[str, Any]


_REGISTRY: Final = Algorithms.of_strangers(PROOF_ALGORITHMS, longest_header=6144)  # Room for an RSA key.
_CLAIMS: Final = JWTClaimsRegistry(
    now=wall_seconds,
    leeway=LEEWAY_SECONDS,
    jti={"essential": True},
    htm={"essential": True},
    htu={"essential": True},
    iat={"essential": True},
)


def read_proof(value: str) -> Proof:
    """Read a proof and verify its signature, type and claims for themselves; raises InvalidProof."""
    try:
        opened = jws.extract_compact(value.encode(), registry=_REGISTRY)
        claims = json.loads(opened.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise InvalidProof(_MALFORMED) from None
    header: Any = opened.protected
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidProof(_MALFORMED)
    _check_header(header)
    jkt, key = _key(header)
    try:
        genuine = jws.validate_compact(opened, key, registry=_REGISTRY)
    except (JoseError, ValueError):
        genuine = False
    if not genuine:
        raise InvalidProof(f"The signature of the DPoP proof does not verify with its jwk {_RULE}.")
    _check_claims(claims)
    return Proof(jkt, claims)


def _check_header(header: dict[str, Any]) -> None:
    if header.get("typ") != "dpop+jwt":
        raise InvalidProof(f"The typ of the DPoP proof must be dpop+jwt {_RULE}.")
    if header.get("alg") not in PROOF_ALGORITHMS:
        raise InvalidProof(f"The alg of the DPoP proof must be one of {', '.join(PROOF_ALGORITHMS)} {_RULE}.")
    if "crit" in header or "b64" in header:
        raise InvalidProof(
            "The DPoP proof has a critical header parameter, none is understood (RFC 7515 section 4.1.11)."
        )


def _check_claims(claims: dict[str, Any]) -> None:
    try:
        _CLAIMS.validate(claims)
    except JoseError:
        raise InvalidProof(
            f"The DPoP proof needs jti, htm, htu and iat, iat must not be in the future, exp not in the past {_RULE}."
        ) from None


def _key(header: dict[str, Any]) -> tuple[str, Key]:
    """Take the public key out of the header, with its thumbprint."""
    jwk, (kind, curve) = header.get("jwk"), _KEY_OF[header["alg"]]
    if not isinstance(jwk, dict):
        raise InvalidProof(f"The DPoP proof has no jwk in its header {_RULE}.")
    if not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise InvalidProof(f"The jwk of the DPoP proof holds a private or a symmetric key; replace that key {_RULE}.")
    members = [(name, jwk.get(name)) for name in _DEFINING[kind]]
    fits = jwk.get("kty") == kind and (curve is None or jwk.get("crv") == curve)
    if not fits or not all(isinstance(text, str) for _, text in members):
        raise InvalidProof(f"The jwk of the DPoP proof is not a public key for its alg {_RULE}.")
    try:
        return _imported(tuple(members))
    except (JoseError, ValueError):
        raise InvalidProof(f"The jwk of the DPoP proof is not a usable key {_RULE}.") from None


@lru_cache(maxsize=1024)
def _imported(members: tuple[tuple[str, str], ...]) -> tuple[str, Key]:
    """Build a key from the members that define it; kept, since a client uses the same one again and again."""
    jwk = dict(members)
    if jwk["kty"] == "RSA":
        _check_size(jwk)
    key = KEY_KINDS[jwk["kty"]].import_key(jwk)  # type: ignore[arg-type]
    return key.thumbprint(), key


def _check_size(jwk: dict[str, str]) -> None:
    """Refuse an RSA key that proves nothing, or takes long to verify with (RFC 7518 §3.5)."""
    modulus, exponent = base64_to_int(jwk["n"]), base64_to_int(jwk["e"])
    if modulus.bit_length() not in _MODULUS_BITS or exponent.bit_length() > _EXPONENT_BITS:
        raise ValueError("an RSA key of this size is not used")
