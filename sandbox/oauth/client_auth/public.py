"""Public clients: they name themselves and prove nothing (RFC 6749 §2.1); PKCE protects their codes."""

from __future__ import annotations

from typing import Final

from sandbox.oauth.client_auth.presented import Presented
from sandbox.oauth.request import ProtocolRequest

PROOFS: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def from_body(request: ProtocolRequest) -> Presented | None:
    """Read `client_id` where nothing else identifies the client."""
    client_id = request.form.get("client_id")
    if client_id is None or request.form.keys() & PROOFS or "Authorization" in request.headers:
        return None
    return Presented("none", client_id, lambda client: client.secret_hash is None)
