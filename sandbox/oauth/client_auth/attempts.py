"""Failed authentications, counted by client and address, so that secrets cannot be tried at machine speed.

Never by client alone: a stranger who fails on purpose must not lock the client out. Only failures are counted, so a client
that proves who it is may ask as often as it likes; from an address that used its attempts up, not even the right secret is
believed until the minute is over, or a guesser would learn of it.
"""

from __future__ import annotations

from flask import request

from sandbox.access.client import hash_secret
from sandbox.foundation.problems import RateLimited
from sandbox.http.rate_limit import refuse_if_spent, spend
from sandbox.oauth.errors import TooManyFailures

KIND = "client-failure"


def refuse_if_too_many(client_id: str) -> None:
    """Refuse to look at a secret; raises TooManyFailures."""
    try:
        refuse_if_spent(KIND, *_guesser(client_id))
    except RateLimited as refusal:
        raise TooManyFailures(
            "Too many failed authentications of this client from this address; wait (RFC 6749 section 2.3.1).",
            client_id=client_id,
            retry_after=refusal.headers["Retry-After"],
        ) from None


def count_failure(client_id: str) -> None:
    """Count a failure; of several at once the last may find nothing left, and is refused like the next one."""
    refuse_if_too_many(client_id)
    spend(KIND, *_guesser(client_id))


def _guesser(client_id: str) -> tuple[str, str]:
    """Name who tries what; a client may claim an identifier of any length, so it is hashed."""
    return hash_secret(client_id), request.remote_addr or ""
