"""Demonstrating proof of possession (RFC 9449): tokens that are worth nothing without the key they are bound to.

Each request brings a new proof, signed with that key for its own method and address and, at a resource, for its token.
What is checked here is whether a genuine proof (`dpop_proof.py`) belongs to the present request, and was not used before.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final

from flask import current_app, request

from sandbox.access.bearer import Access, InvalidToken, validate
from sandbox.access.dpop_nonce import hand_out, is_fresh
from sandbox.access.dpop_proof import InvalidProof, Proof, read_proof
from sandbox.access.jose import LEEWAY_SECONDS
from sandbox.access.replay import spend
from sandbox.foundation.clock import wall_seconds
from sandbox.http.address import is_same_address, public_address
from sandbox.settings import Settings

OLDEST_SECONDS: Final = 300

_RULE = "(RFC 9449 section 4.3)"


class NonceNeeded(InvalidProof):
    """The proof needs the nonce that goes with the answer (RFC 9449 §8, §9)."""

    error = "use_dpop_nonce"


def is_on() -> bool:
    """Tell whether DPoP is on; `oauth/capabilities.py` has it in its table."""
    settings: Settings = current_app.config["SETTINGS"]
    return "dpop" not in settings.oauth_off


def presented() -> str | None:
    """Give the proof of the present request as it was sent, if there is one; raises InvalidProof for several."""
    values = request.headers.getlist("DPoP")
    if len(values) > 1 or any("," in value for value in values):  # Servers join repeated headers with a comma.
        raise InvalidProof(f"Send one DPoP header, with one proof in it {_RULE}.")
    return values[0] if values else None


def prove(proof: Proof, *, demands_nonce: bool) -> str:
    """Check that a proof was made for the present request, and use it up; gives the thumbprint of its key.

    Raises InvalidProof, and NonceNeeded for a nonce that is missing or not fresh.
    """
    if proof.claims["htm"] != request.method:
        raise InvalidProof(f"The htm of the DPoP proof is not the method of this request {_RULE}.")
    if not isinstance(proof.claims["htu"], str) or not is_same_address(proof.claims["htu"], public_address()):
        raise InvalidProof(f"The htu of the DPoP proof is not the address of this request {_RULE}.")
    expires_at = int(proof.claims["iat"]) + OLDEST_SECONDS
    if expires_at < wall_seconds():
        raise InvalidProof(f"The DPoP proof is older than {OLDEST_SECONDS} seconds; make one for each request {_RULE}.")
    _check_nonce(proof, demands_nonce=demands_nonce)
    if not spend("dpop", proof.jkt, proof.claims["jti"], expires_at + LEEWAY_SECONDS):
        raise InvalidProof("The DPoP proof was used before; make one for each request (RFC 9449 section 11.1).")
    return proof.jkt


def validate_dpop(token: str) -> Access:
    """Check a token that was presented with a proof (RFC 9449 §7.1); raises InvalidToken, InvalidProof."""
    access = validate(token)
    if access.terms.jkt is None:
        raise InvalidToken("This access token is not bound to a key; present it as Bearer (RFC 9449 section 7.1).")
    if (value := presented()) is None:
        raise InvalidProof("Send a DPoP proof in the DPoP header (RFC 9449 section 7.1).")
    proof = read_proof(value)
    if proof.claims.get("ath") != _ath(token):
        raise InvalidProof(f"The ath of the DPoP proof is not the hash of this access token {_RULE}.")
    if not hmac.compare_digest(proof.jkt, access.terms.jkt):
        raise InvalidProof(f"The access token is bound to another key than the one of the DPoP proof {_RULE}.")
    prove(proof, demands_nonce=access.demands_nonce)
    return access


def _check_nonce(proof: Proof, *, demands_nonce: bool) -> None:
    """A nonce that is there must be ours and fresh, also where none is demanded: its maker expects that it counts."""
    nonce = proof.claims.get("nonce")
    if nonce is None and not demands_nonce:
        return
    hand_out()
    if not isinstance(nonce, str) or not is_fresh(nonce):
        raise NonceNeeded("Make the DPoP proof with the nonce of the DPoP-Nonce header (RFC 9449 section 8).")


def _ath(token: str) -> str:
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
