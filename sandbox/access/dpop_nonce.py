"""Nonces for DPoP proofs (RFC 9449 §8, §9): made by the server, so that proofs cannot be made in advance.

Nothing is kept: a nonce is the seal of a slot of time, the same for every worker, valid in its own slot and the next one.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from typing import Final

from flask import Response, after_this_request, current_app, g

from sandbox.access.client import Client
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.server_facts import derive_key
from sandbox.settings import Settings

SLOT_SECONDS: Final = 300


def demands_nonce(client: Client) -> bool:
    """Tell whether proofs of a client need a nonce: by its option `dpop_nonce_required`, else by the server's setting."""
    settings: Settings = current_app.config["SETTINGS"]
    return bool(client.options.get("dpop_nonce_required", settings.dpop_nonce_required))


def fresh_nonce() -> str:
    """Give the nonce of this moment."""
    return _seal(wall_seconds() // SLOT_SECONDS)


def is_fresh(nonce: str) -> bool:
    """Tell whether a nonce is of this slot or the last one."""
    slot, given = wall_seconds() // SLOT_SECONDS, nonce.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(_seal(valid).encode(), given) for valid in (slot, slot - 1))


def hand_out() -> None:
    """Send the nonce of this moment with the response, which no cache may keep then (RFC 9449 §8.2)."""

    @after_this_request
    def add(response: Response) -> Response:
        response.headers["DPoP-Nonce"] = fresh_nonce()
        response.headers["Cache-Control"] = "no-store"
        return response


def _seal(slot: int) -> str:
    sealed = hmac.digest(derive_key("dpop nonce"), f"{g.tenant.id} {slot}".encode(), "sha256")
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()
