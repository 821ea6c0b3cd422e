"""Binding tokens to the key of a client (RFC 9449 §5, §10): whoever finds one cannot use it.

A proof at the token endpoint binds the access token, and the refresh token of a public client. `dpop_jkt` at the
authorization endpoint, or a proof at the pushed one, binds the code before: only that key redeems it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import BaseGrant

from sandbox.access.dpop import NonceNeeded, presented, prove
from sandbox.access.dpop_nonce import demands_nonce
from sandbox.access.dpop_proof import InvalidProof, read_proof
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.errors import InvalidDpopProof, UseDpopNonce
from sandbox.oauth.request import ProtocolRequest

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256, as RFC 7638 §3 writes it.


class ProofOfPossession:
    """Keeps the key of an authorization request, and binds what a token request gets to the key of its proof."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant, at either endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _ask)
        grant.register_hook("before_create_token_response", _bind)


def jkt_of_proof(asking: ProtocolRequest) -> str | None:
    """Check the DPoP proof of a request whose client is known, and give the thumbprint of its key; None without a proof.

    Raises InvalidDpopProof and UseDpopNonce. Switched off, the header is not looked at.
    """
    if not is_on("dpop"):
        return None
    try:
        if (value := presented()) is None:
            return None
        return prove(read_proof(value), demands_nonce=demands_nonce(asking.client.record))
    except NonceNeeded as refusal:
        raise UseDpopNonce(str(refusal)) from None
    except InvalidProof as refusal:
        raise InvalidDpopProof(str(refusal)) from None


def _ask(grant: BaseGrant, *_: object) -> None:
    jkt = grant.request.payload.data.get("dpop_jkt")
    if jkt is None or not is_on("dpop"):
        return
    if not _THUMBPRINT.fullmatch(jkt):
        raise InvalidRequestError("The dpop_jkt must be the SHA-256 thumbprint of a JWK (RFC 9449 section 10).")
    grant.request.terms = replace(grant.request.terms, jkt=jkt)


def _bind(grant: BaseGrant, *_: object) -> None:
    jkt = jkt_of_proof(grant.request)
    granted = grant.granted.jkt if grant.granted is not None else None
    if granted is not None and jkt is None:
        raise InvalidDpopProof("This was granted to the holder of a key; send a DPoP proof of it (RFC 9449 section 5).")
    if granted not in {None, jkt}:
        raise InvalidGrantError("This was granted to the holder of another key (RFC 9449 section 10).")
    options = grant.request.client.record.options
    if jkt is None and options.get("dpop_bound_access_tokens") and is_on("dpop"):
        raise InvalidDpopProof("This client gets bound tokens only; send a DPoP proof (RFC 9449 section 5.2).")
    grant.request.terms = replace(grant.request.terms, jkt=jkt)
