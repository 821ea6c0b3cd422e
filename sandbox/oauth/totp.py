"""One-time codes: TOTP (RFC 6238) with SHA-1, six digits and 30 seconds, which is what authenticator apps do."""

from __future__ import annotations

import base64
import hmac
from typing import Final

STEP_SECONDS: Final = 30
DIGITS: Final = 6
TOLERATED_STEPS: Final = 1


def code_at(secret: str, step: int, *, digits: int = DIGITS) -> str:
    """Compute the code of a time step; `secret` is base32 (RFC 4226 §5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(seconds: int) -> int:
    """Tell the time step of a moment in wall time."""
    return seconds // STEP_SECONDS


def matching_step(secret: str, code: str, seconds: int) -> int | None:
    """Find the step that a code belongs to, the present one or a neighbor, since clocks differ (RFC 6238 §5.2)."""
    given, present = code.encode("utf-8", "surrogatepass"), step_of(seconds)
    steps = range(present - TOLERATED_STEPS, present + TOLERATED_STEPS + 1)
    matches = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), given)]
    return matches[-1] if matches else None
