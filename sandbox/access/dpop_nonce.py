"""Nonces for DPoP proofs (RFC 9449 §8, §9): made by the server, so that proofs cannot be made in advance.

Nothing is kept: a nonce is some salt and the seal of it and a slot of time, which every worker can check, valid in its own
slot and the next one. No two are the same, since some clients take a nonce that comes again for a loop.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final

from flask import Response, after_this_request, current_app, g

from sandbox.access.client import Client
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.server_facts import derive_key
from sandbox.settings import Settings

SLOT_SECONDS: Final = 300
SALT_BYTES: Final = 9


def demands_nonce(client: Client) -> bool:
    """Tell whether proofs of a client need a nonce: by its option `dpop_nonce_required`, else by the server's setting."""
    settings: Settings = current_app.config["SETTINGS"]
    return bool(client.options.get("dpop_nonce_required", settings.dpop_nonce_required))


def fresh_nonce() -> str:
    """Give the nonce of this moment."""
    salt = secrets.token_urlsafe(SALT_BYTES)
    return f"{salt}.{_seal(salt, wall_seconds() // SLOT_SECONDS)}"


def is_fresh(nonce: str) -> bool:
    """Tell whether a nonce is of this slot or the last one."""
    slot, (salt, _, seal) = wall_seconds() // SLOT_SECONDS, nonce.partition(".")
    given = seal.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(_seal(salt, valid).encode(), given) for valid in (slot, slot - 1))


def hand_out() -> None:
    """Send the nonce of this moment with the response, which no cache may keep then (RFC 9449 §8.2)."""

    @after_this_request
    def add(response: Response) -> Response:
        response.headers["DPoP-Nonce"] = fresh_nonce()
        response.headers["Cache-Control"] = "no-store"
        return response


def _seal(salt: str, slot: int) -> str:
    message = f"{g.tenant.id} {salt} {slot}".encode("utf-8", "surrogatepass")
    sealed = hmac.digest(derive_key("dpop nonce"), message, "sha256")
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()
