"""An assertion: a short-lived JWT that somebody else signed for this server alone, and that counts once (RFC 7523 §3).

In this order: opened without believing it, verified with keys of whom it claims to come from, its claims checked, spent.
The audience is one string, so that no assertion serves two servers (draft-ietf-oauth-rfc7523bis).
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import CompactSignature

from sandbox.access.jose import CLIENT_ALGORITHMS, LEEWAY_SECONDS, Algorithms
from sandbox.access.replay import spend
from sandbox.foundation.clock import wall_seconds

LONGEST: Final = 16_384


class UnusableAssertion(Exception):
    """The assertion does not count; the message says why, for whoever made it."""


_REGISTRY: Final = Algorithms.of_strangers(CLIENT_ALGORITHMS, longest_header=8192)  # Room for certificates.


@dataclass(frozen=True, slots=True)
class Assertion:
    """An opened assertion; nothing of it is to be believed before `verify`."""

    signed: CompactSignature
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def kid(self) -> str | None:
        """The key that it names."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    def claim(self, name: str) -> str:
        """Give a claim that is text; empty if it is missing, or something else."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value.isprintable() else ""


def open_assertion(text: str) -> Assertion:
    """Open a JWT in compact form; raises UnusableAssertion."""
    try:
        signed = jws.extract_compact(text[: LONGEST + 1].encode(), registry=_REGISTRY)
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise UnusableAssertion("it is not a well-formed JWT") from None
    header: Any = signed.headers()
    if len(text) > LONGEST or not isinstance(header, dict) or not isinstance(claims, dict):
        raise UnusableAssertion("it is not a well-formed JWT")
    return Assertion(signed, header, claims)


def verify(assertion: Assertion, keys: Iterable[Key], *, algorithms: Collection[str], types: Collection[str]) -> None:
    """Check type and signature; algorithms and keys are ours to choose, never the header's (RFC 8725 §3.1, §3.11).

    Raises UnusableAssertion. `types` are the values of `typ` that are no other kind of JWT; it may be missing.
    """
    algorithm = str(assertion.header.get("alg"))
    if algorithm not in algorithms:
        raise UnusableAssertion("its alg is not the one that is registered, or none that is accepted")
    if assertion.header.keys() & {"crit", "b64"}:
        raise UnusableAssertion("it has a critical header parameter, and none is understood")
    if str(assertion.header.get("typ", "JWT")).lower().removeprefix("application/") not in types:
        raise UnusableAssertion("its typ is that of another kind of JWT")
    if not any(_is_signed_by(assertion, key, algorithm) for key in keys):
        raise UnusableAssertion("no key that is known for it verifies its signature")


def check(claims: dict[str, Any], *, audiences: Collection[str], longest_seconds: int) -> None:
    """Check what RFC 7523 §3 wants of the claims; raises UnusableAssertion."""
    if not isinstance(claims.get("aud"), str) or claims["aud"] not in audiences:
        raise UnusableAssertion("its aud must be the issuer of this server as a single string")
    now = wall_seconds()
    expires_at = _moment(claims, "exp")
    if expires_at is None or not now - LEEWAY_SECONDS < expires_at <= now + longest_seconds + LEEWAY_SECONDS:
        raise UnusableAssertion(f"its exp is missing, over, or more than {longest_seconds} seconds ahead")
    begins = [moment for name in ("nbf", "iat") if (moment := _moment(claims, name)) is not None]
    if any(moment > now + LEEWAY_SECONDS for moment in begins):
        raise UnusableAssertion("its nbf or iat is in the future")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise UnusableAssertion("its jti is missing")


def use(kind: str, assertion: Assertion) -> None:
    """Use a checked assertion up; raises UnusableAssertion for all but the first of any number of uses."""
    claims = assertion.claims
    if not spend(kind, claims["iss"], claims["jti"], math.ceil(claims["exp"]) + LEEWAY_SECONDS):
        raise UnusableAssertion("it was used before; make a new one, with another jti, for each request")


def _is_signed_by(assertion: Assertion, key: Key, algorithm: str) -> bool:
    if key.alg not in (None, algorithm):
        return False
    try:
        return jws.validate_compact(assertion.signed, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):  # A key of another kind or curve than the algorithm's.
        return False


def _moment(claims: dict[str, Any], name: str) -> float | None:
    """Read a NumericDate (RFC 7519 §2), None if it is missing; raises UnusableAssertion for anything else."""
    if name not in claims:
        return None
    value = claims[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 2**53:
        raise UnusableAssertion(f"its {name} is not a time in seconds")
    return value
