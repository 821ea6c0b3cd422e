"""How long sessions last, and what sensitive operations want of the sign-in behind them."""

from __future__ import annotations

from sandbox.access.acr import TWO_FACTORS, Demand
from sandbox.resources.configuration.current import number


def reauthentication() -> Demand | None:
    """Demand a second factor of late for what is sensitive, if the tenant wants one."""
    minutes = number("identity.session.reauthentication_minutes")
    return Demand(TWO_FACTORS, max_age=minutes * 60) if minutes else None
