"""Measuring a rule: one class for each kind, all with the same three verbs, on whatever shelf the state lies."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from limits import RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter

from sandbox.foundation.clock import wall_seconds
from sandbox.http.limits.rule import AT_ONCE, BUCKET, WINDOW, Rule
from sandbox.http.limits.shelves import Shelf

LEASE_SECONDS: Final = 60
"""A request that was never finished, since its process died, counts no longer than this."""


class Tally(NamedTuple):
    """What a rule says: `remaining` requests, everything back in `reset` seconds, the next one let in after `wait`."""

    is_allowed: bool
    remaining: int
    reset: float
    wait: float


class Meter(Protocol):
    """Measures one rule; `key` names who is measured, `request_id` the request."""

    rule: Rule

    def take(self, key: str, request_id: str) -> Tally:
        """Count a request, if it is let in."""

    def look(self, key: str) -> Tally:
        """Tell what `take` would say, and count nothing."""

    def give_back(self, key: str, request_id: str) -> None:
        """Hear that the request has been answered."""


class Window:
    """So many requests from the first one until the window is over; then all of them again."""

    def __init__(self, rule: Rule, shelf: Shelf) -> None:
        self.rule = rule
        self.item = RateLimitItemPerSecond(rule.amount, int(rule.seconds))
        self.limiter = FixedWindowRateLimiter(shelf.counters)

    def take(self, key: str, request_id: str) -> Tally:
        """Count; a request that is refused counts too, and makes nothing worse."""
        return self._tally(key, is_allowed=self.limiter.hit(self.item, key))

    def look(self, key: str) -> Tally:
        """Tell whether the window has room."""
        return self._tally(key, is_allowed=self.limiter.test(self.item, key))

    def give_back(self, key: str, request_id: str) -> None:
        """Nothing comes back before its time."""

    def _tally(self, key: str, *, is_allowed: bool) -> Tally:
        window = self.limiter.get_window_stats(self.item, key)
        reset = max(0, window.reset_time - wall_seconds())
        return Tally(is_allowed, max(0, window.remaining), reset, reset)


class Bucket:
    """A token bucket, kept as the moment at which it will be full again (the generic cell rate algorithm)."""

    def __init__(self, rule: Rule, shelf: Shelf) -> None:
        self.rule, self.shelf = rule, shelf
        self.interval = rule.seconds / rule.amount

    def take(self, key: str, request_id: str) -> Tally:
        """Take one out, if there is one."""
        return self._tally(key, amount=1)

    def look(self, key: str) -> Tally:
        """Tell whether there is one."""
        full_at = self._tally(key, amount=0)
        return full_at._replace(is_allowed=full_at.remaining > 0)

    def give_back(self, key: str, request_id: str) -> None:
        """Time refills it, nothing else."""

    def _tally(self, key: str, *, amount: int) -> Tally:
        now = _now()
        is_allowed, full_at = self.shelf.pour(key, now, cost=self.interval * amount, depth=self.rule.seconds)
        missing = max(0.0, full_at - now)
        remaining = int((self.rule.seconds - missing) / self.interval + 1e-9)
        return Tally(is_allowed, max(0, remaining), missing, max(0.0, missing + self.interval - self.rule.seconds))


class AtOnce:
    """Requests that are being answered; each holds a place until it is."""

    def __init__(self, rule: Rule, shelf: Shelf) -> None:
        self.rule, self.shelf = rule, shelf

    def take(self, key: str, request_id: str) -> Tally:
        """Take a place, if there is one."""
        now = _now()
        held = self.shelf.enter(key, request_id, now, lease=LEASE_SECONDS, places=self.rule.amount)
        return Tally(held is not None, self.rule.amount - (held or self.rule.amount), 0 if held else 1, 1)

    def look(self, key: str) -> Tally:
        """Tell whether there is a place."""
        held = self.shelf.held(key, _now())
        return Tally(held < self.rule.amount, max(0, self.rule.amount - held), 0 if held < self.rule.amount else 1, 1)

    def give_back(self, key: str, request_id: str) -> None:
        """Leave the place to somebody else."""
        self.shelf.leave(key, request_id)


_KINDS: Final[dict[str, Callable[[Rule, Shelf], Meter]]] = {WINDOW: Window, BUCKET: Bucket, AT_ONCE: AtOnce}


def meter(rule: Rule, shelf: Shelf) -> Meter:
    """Make what measures a rule."""
    return _KINDS[rule.kind](rule, shelf)


def _now() -> float:
    """Tell wall time in fractions of a second: a bucket of ten a second would not fill in whole ones."""
    return time.time()  # noqa: TID251 - fractions, which the clock of tokens does not give
