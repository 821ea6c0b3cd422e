"""How much one client, and one tenant, may ask: measured by rules, told in headers on every response.

By default `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds to go), and beyond the limit 429 with `Retry-After` (RFC
6585 §4). Of several rules the tightest is told. The state lives in the process, or in Redis, across processes and hosts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NamedTuple, cast

from flask import Flask, Response, current_app, g

from sandbox.foundation.problems import RateLimited
from sandbox.http.limits.header_styles import STYLES, Budget, Style
from sandbox.http.limits.meters import Meter, Tally, meter
from sandbox.http.limits.rule import AT_ONCE, InvalidRule, parse
from sandbox.http.limits.shelves import shelf_at
from sandbox.http.request_id import request_id
from sandbox.settings import InvalidSetting, Settings

API: Final = "api"
TENANT: Final = "tenant"

_SETTINGS: Final = {
    API: "rate_limit",
    TENANT: "tenant_rate_limit",
    "sign-in": "sign_in_rate_limit",
    "outbound": "outbound_rate_limit",
    "registration": "registration_rate_limit",
    "client-failure": "client_failure_rate_limit",
    "user-code": "user_code_rate_limit",
}
"""What is limited, and the setting that says how much."""


class Terms(NamedTuple):
    """The limits of one tenant, where they differ from the server's: rules in words, and the style of headers."""

    client: str
    tenant: str
    headers: str


class RateLimit:
    """The limiter of one application; raises InvalidSetting for a limit that cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self.shelf = shelf_at(settings.rate_limit_storage)
        self.meters = lru_cache(256)(self._meters)
        self.rules = {kind: str(getattr(settings, name)) for kind, name in _SETTINGS.items()}
        self.headers = settings.rate_limit_headers
        self.terms: Callable[[], Terms | None] = lambda: None
        for kind, name in _SETTINGS.items():
            try:
                self.meters(self.rules[kind])
            except InvalidRule as error:
                raise InvalidSetting(f"SANDBOX_{name.upper()}: {error}") from None
        if self.headers not in STYLES:
            raise InvalidSetting(f"SANDBOX_RATE_LIMIT_HEADERS wants {', '.join(STYLES)}, not {self.headers!r}")

    def use_terms(self, terms: Callable[[], Terms | None]) -> None:
        """Ask `terms` for the limits of the present tenant; None leaves it those of the server."""
        self.terms = terms

    def spend(self, kind: str, *who: str) -> Budget | None:
        """Count one request of `who`, for the tenant too if it is one to the API; raises RateLimited. None is no limit."""
        own = self.terms()
        style = STYLES[own.headers if own else self.headers]
        asked = [(kind, own.client if own and kind == API else self.rules[kind], "\0".join(who))]
        if kind == API:
            asked.append((TENANT, own.tenant if own else self.rules[TENANT], who[0]))
        told = [
            self._take(one, f"{of}\0{name}\0{one.rule.text}", style)
            for of, rules, name in asked
            for one in self.meters(rules)
        ]
        return min(told, key=lambda budget: budget.remaining / budget.limit, default=None)

    def check(self, kind: str, *who: str) -> None:
        """Count nothing; raises RateLimited when nothing is left."""
        for one in self.meters(self.rules[kind]):
            tally = one.look(f"{kind}\0" + "\0".join(who) + f"\0{one.rule.text}")
            if not tally.is_allowed:
                raise _refused(one, tally, STYLES[self.headers])

    def style(self) -> Style:
        """Tell how limits are told to the present tenant."""
        own = self.terms()
        return STYLES[own.headers if own else self.headers]

    def _take(self, one: Meter, key: str, style: Style) -> Budget:
        tally = one.take(key, request_id())
        if not tally.is_allowed:
            raise _refused(one, tally, style)
        if one.rule.kind == AT_ONCE:
            g.setdefault("places", []).append((one, key))
        return _budget(one, tally)

    def _meters(self, rules: str) -> tuple[Meter, ...]:
        return tuple(meter(rule, self.shelf) for rule in parse(rules))


def _budget(one: Meter, tally: Tally) -> Budget:
    return Budget(one.rule.amount, tally.remaining, math.ceil(tally.reset), math.ceil(one.rule.seconds))


def _refused(one: Meter, tally: Tally, style: Style) -> RateLimited:
    wait = max(1, math.ceil(tally.wait))
    return RateLimited(
        f"The limit of {one.rule.text} is used up; come back in {wait} {'second' if wait == 1 else 'seconds'}.",
        headers={**style.tell(_budget(one, tally)), **style.refuse(wait)},
        retry_after=wait,
    )


def install(app: Flask, settings: Settings) -> None:
    """Keep one limiter for the application, and tell the budget on each response that was counted."""
    limiter = app.extensions["rate_limit"] = RateLimit(settings)

    @app.after_request
    def tell(response: Response) -> Response:
        if (budget := g.get("budget")) is not None:
            for name, value in limiter.style().tell(budget).items():
                response.headers.setdefault(name, value)
        return response

    @app.teardown_request
    def give_back(_: BaseException | None) -> None:
        places: Iterable[tuple[Meter, str]] = g.pop("places", ())
        for one, key in places:
            one.give_back(key, request_id())


def spend(kind: str, *who: str) -> None:
    """Count the present request against the tenant's budget of this kind for `who`; raises RateLimited."""
    g.budget = cast(RateLimit, current_app.extensions["rate_limit"]).spend(kind, g.tenant.id, *who)


def terms_of_client() -> str:
    """Tell in words what one client of the present tenant may ask; empty means no limit."""
    limiter = cast(RateLimit, current_app.extensions["rate_limit"])
    own = limiter.terms()
    return own.client if own else limiter.rules[API]


def refuse_if_spent(kind: str, *who: str) -> None:
    """Refuse without counting: for budgets that only failures spend; raises RateLimited."""
    cast(RateLimit, current_app.extensions["rate_limit"]).check(kind, g.tenant.id, *who)
