"""Public clients: they name themselves and prove nothing (RFC 6749 §2.1); PKCE protects their codes."""

from __future__ import annotations

from sandbox.oauth.client_auth.presented import Presented
from sandbox.oauth.request import ProtocolRequest


def from_body(request: ProtocolRequest) -> Presented | None:
    """Read `client_id` where nothing else identifies the client."""
    client_id = request.form.get("client_id")
    if client_id is None or "client_secret" in request.form or "Authorization" in request.headers:
        return None
    return Presented("none", client_id, lambda client: client.secret_hash is None)
