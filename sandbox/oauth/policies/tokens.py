"""Which grant types there are, how long tokens last, and whether refresh tokens rotate.

Lifetimes of the tenant are held to those of the server, which may only be shortened.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app

from sandbox.foundation.clock import now
from sandbox.oauth import capabilities
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.resources.configuration.current import flag, number, words

DAY_SECONDS = 24 * 3600


def grant_types() -> tuple[str, ...]:
    """List the grant types that are on and that the tenant did not disable."""
    disabled = words("oauth.grants_disabled")
    return tuple(kind for kind in capabilities.grant_types() if kind not in disabled)


def access_token_seconds() -> int:
    """Tell how long an access token lasts."""
    longest: int = current_app.config["SETTINGS"].access_token_seconds
    return min(longest, number("oauth.access_token_ttl_min") * 60)


def refresh_token_seconds(allowed_at: datetime) -> int:
    """Tell how long a refresh token lasts without use, for what a person allowed at `allowed_at`; 0 if that is too old."""
    longest: int = current_app.config["SETTINGS"].refresh_token_seconds
    idle, days = min(longest, number("oauth.refresh.idle_days") * DAY_SECONDS), number("oauth.refresh.max_days")
    if not days:
        return idle
    left = allowed_at + timedelta(days=days) - now()
    return max(0, min(idle, int(left.total_seconds())))


def rotates(client: RegisteredClient) -> bool:
    """Tell whether each refresh gives a new refresh token; public clients always get one (RFC 9700 §2.2.2)."""
    return client.is_public or (client.rotates and flag("oauth.refresh.rotation"))
