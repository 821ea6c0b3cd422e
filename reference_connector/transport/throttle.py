"""Slows down before the limit is hit, by what the vendor's own headers say is left.

Below a fifth of the limit the remaining calls are spread over the time to the reset; the last tenth is left to others
who share the budget. The headers are those of `api_budget` (the IETF draft's RateLimit-* by default).
"""

from __future__ import annotations

from collections.abc import Mapping

from reference_connector.manifest.model import ApiBudget

RESERVE = 0.1
CAREFUL = 0.2
MAX_PAUSE_SECONDS = 120.0
# A reset this large is a moment (seconds since 1970), not a number of seconds to go.
EPOCH_FROM = 1e8


class Throttle:
    """Remembers the latest budget and says how long the next request should wait."""

    def __init__(self, budget: ApiBudget) -> None:
        self._remaining_header = budget.ratelimit_remaining_header
        self._reset_header = budget.ratelimit_reset_header
        self._limit_header = budget.ratelimit_remaining_header.replace("remaining", "limit")
        self._pause = 0.0

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take note of an answer's headers (names in lower case)."""
        remaining = _number(headers.get(self._remaining_header))
        reset = _number(headers.get(self._reset_header))
        if remaining is None or reset is None or reset >= EPOCH_FROM:
            self._pause = 0.0
            return
        limit = _number(headers.get(self._limit_header)) or remaining
        free = remaining - limit * RESERVE
        if free > limit * CAREFUL:
            self._pause = 0.0
        else:
            self._pause = reset / free if free >= 1 else reset

    def take_pause(self) -> float:
        """Return the seconds to wait before the next request, and forget them."""
        pause, self._pause = min(self._pause, MAX_PAUSE_SECONDS), 0.0
        return pause


def _number(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
