"""DPoP nonces that count once: every proof needs another one, at the token endpoint, at the API, or at both."""

from __future__ import annotations

from flask import g, request

from sandbox.access.dpop_nonce import SLOT_SECONDS, hand_out, is_fresh
from sandbox.access.dpop_proof import InvalidProof, read_proof
from sandbox.access.protect import challenge
from sandbox.access.replay import spend
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.problems import Unauthenticated
from sandbox.lab.faults.answer import TOKEN
from sandbox.lab.faults.fault import Call, Given, Kind

REASON = "Make the DPoP proof with the nonce of the DPoP-Nonce header; each counts once (RFC 9449 section 8.2)."


def _wants_another(_: Call, __: Given) -> bool:
    """Tell whether a proof has no nonce of ours, or one that was used; a good one is used up by asking.

    At an API a proof counts only beside a token that is presented with it (RFC 9449 section 7.1).
    """
    if not (_is_for_a_token() or request.path.startswith("/oauth/")):
        return False
    values = request.headers.getlist("DPoP")
    try:
        nonce = read_proof(values[0]).claims.get("nonce") if len(values) == 1 else ""
    except InvalidProof:
        return False  # What is wrong with it, the API itself will say.
    if nonce == "":
        return False
    is_ours = isinstance(nonce, str) and is_fresh(nonce)
    return not is_ours or not spend("dpop-nonce", g.tenant.id, str(nonce), wall_seconds() + 2 * SLOT_SECONDS)


def _ask(_: Call, __: Given) -> None:
    from sandbox.oauth.errors import UseDpopNonce  # Authlib belongs to no start-up.

    hand_out()
    if not _is_for_a_token():
        raise UseDpopNonce(REASON)
    header = challenge("use_dpop_nonce", error_description=REASON)
    raise Unauthenticated(REASON, headers={"WWW-Authenticate": header})


def _is_for_a_token() -> bool:
    """Tell whether an access token is presented, which is answered by a challenge (RFC 9449 section 9)."""
    return request.headers.get("Authorization", "").partition(" ")[0].lower() == "dpop"


KIND = Kind(
    "dpop_nonce_churn",
    story="The vendor wants another nonce with every DPoP proof, perhaps at its API only (say so with `route`), since its "
    "servers share no clock or its policy is that strict.",
    remedy="Keep the nonce of each answer, apart for the authorization server and each API, and use it in the next proof. "
    "On use_dpop_nonce send the request again, once, with the nonce that came along.",
    routes=(TOKEN, "/v1/*"),
    applies=_wants_another,
    before=_ask,
)
