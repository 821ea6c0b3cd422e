"""Signatures and keys of other people (RFC 7515, RFC 7517, RFC 7518): which algorithms, which kinds of keys, of what size.

The one table that both halves of OAuth choose from. What is allowed is always named where it is used, never taken from the
header of what is to be verified (RFC 8725 §3.1).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from joserfc.errors import UnsupportedAlgorithmError, UnsupportedHeaderError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

Key = ECKey | RSAKey | OKPKey

OUR_ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
"""What this server signs with; the first one, unless a client chose another."""
CLIENT_ALGORITHMS: Final = ("ES256", "PS256", "RS256", "EdDSA")
"""What clients and trusted issuers may sign with: asymmetric, so that no key of theirs has to be kept secret here."""
PROOF_ALGORITHMS: Final = ("ES256", "PS256", "EdDSA", "Ed25519")
"""What a DPoP proof may be signed with; the last two are names of one algorithm (RFC 9864 §2.2)."""

LEEWAY_SECONDS: Final = 10
"""How far the clock of who signs may be from ours: FAPI 2.0 Security Profile §5.3.2.1 wants 10 accepted and 60 refused."""

KEY_KINDS: Final[dict[str, type[Key]]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""The members of a JWK that nobody but its owner may see (RFC 7518 §6)."""
RSA_BITS: Final = range(2048, 8193)
"""Too short to trust (RFC 7518 §3.3) below; above, so long that verifying is work for an attacker to send."""


class Algorithms(JWSRegistry):
    """The algorithms that are allowed, and headers that are well-formed.

    `EdDSA` passes without a warning: its new name (RFC 9864) few clients know yet. A `crit` that is no list is refused
    here, since the library would stumble over it before any signature is checked. Headers that others write are longer
    than ours, and may hold members that we do not know: see `of_strangers`.
    """

    @classmethod
    def of_strangers(cls, allowed: Collection[str], *, longest_header: int) -> Algorithms:
        """Allow algorithms to those whose headers may hold anything, up to a length in base64url."""
        registry = cls(algorithms=allowed, strict_check_header=False)
        registry.max_header_length = longest_header
        return registry

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
