"""How much one client may ask: counted with the `limits` library, told in headers on every response.

`RateLimit-Limit`, `-Remaining` and `-Reset` (seconds to go); beyond the limit 429 with `Retry-After` (RFC 6585 §4).
Counters live in the process, or in Redis, across processes and hosts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

from flask import Flask, Response, current_app, g
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.problems import RateLimited
from sandbox.http.counters import ProcessStorage
from sandbox.settings import Settings


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left after the present request, and the seconds until the window starts anew."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Write the three headers of the IETF rate-limit draft in the form that most vendors use."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RateLimit:
    """The limiter of one application."""

    def __init__(self, settings: Settings) -> None:
        self.limiter: RateLimiter = FixedWindowRateLimiter(_storage(settings.rate_limit_storage))
        self.items: dict[str, RateLimitItem] = {
            "api": parse(settings.rate_limit),
            "sign-in": parse(settings.sign_in_rate_limit),
            "outbound": parse(settings.outbound_rate_limit),
            "registration": parse(settings.registration_rate_limit),
            "client-failure": parse(settings.client_failure_rate_limit),
            "user-code": parse(settings.user_code_rate_limit),
        }

    def spend(self, kind: str, *who: str) -> Budget:
        """Count one request of `who`; raises RateLimited when nothing is left."""
        return self._budget(kind, who, allowed=self.limiter.hit(self.items[kind], kind, *who))

    def check(self, kind: str, *who: str) -> None:
        """Count nothing; raises RateLimited when nothing is left."""
        if not self.limiter.test(self.items[kind], kind, *who):
            self._budget(kind, who, allowed=False)

    def _budget(self, kind: str, who: tuple[str, ...], *, allowed: bool) -> Budget:
        item = self.items[kind]
        window = self.limiter.get_window_stats(item, kind, *who)
        budget = Budget(item.amount, max(0, window.remaining), max(0, math.ceil(window.reset_time) - wall_seconds()))
        if not allowed:
            wait = max(1, budget.reset)
            raise RateLimited(
                f"The limit of {item} is used up; come back in {wait} seconds.",
                headers={**budget.headers(), "Retry-After": str(wait)},
                retry_after=wait,
            )
        return budget


def _storage(url: str) -> Storage:
    if url.startswith("process:"):
        return ProcessStorage(url)
    return storage_from_string(url)  # type: ignore[return-value]


def install(app: Flask, settings: Settings) -> None:
    """Keep one limiter for the application, and tell the budget on each response that was counted."""
    app.extensions["rate_limit"] = RateLimit(settings)

    @app.after_request
    def tell(response: Response) -> Response:
        if budget := g.get("budget"):
            for name, value in budget.headers().items():
                response.headers.setdefault(name, value)
        return response


def spend(kind: str, *who: str) -> None:
    """Count the present request against the tenant's budget of this kind for `who`; raises RateLimited."""
    g.budget = cast(RateLimit, current_app.extensions["rate_limit"]).spend(kind, g.tenant.id, *who)


def refuse_if_spent(kind: str, *who: str) -> None:
    """Refuse without counting: for budgets that only failures spend; raises RateLimited."""
    cast(RateLimit, current_app.extensions["rate_limit"]).check(kind, g.tenant.id, *who)
