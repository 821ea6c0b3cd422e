"""When a request was first seen here, sealed into the addresses of its pages.

A request object may live for a minute. One that came in time must not die of it while a person types and reads.
"""

from __future__ import annotations

import hmac
from typing import Final

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.server_facts import derive_key
from sandbox.foundation.tenancy import current_tenant_id

SECONDS_TO_DECIDE: Final = 600


def mark(what: str, moment: int) -> str:
    """Write down that `what` was seen at a moment."""
    return f"{moment}.{_seal(what, str(moment))}"


def first_seen(given: str | None, what: str) -> int:
    """Tell when `what` was first seen: the present moment, unless a genuine mark names one that is not long ago."""
    now = wall_seconds()
    moment, _, seal = (given or "").partition(".")
    if not moment.isascii() or not hmac.compare_digest(_seal(what, moment).encode(), seal.encode()):
        return now
    return int(moment) if now - int(moment) <= SECONDS_TO_DECIDE else now


def _seal(what: str, moment: str) -> str:
    return hmac.new(derive_key("seen"), f"{current_tenant_id()}\0{moment}\0{what}".encode(), "sha256").hexdigest()
