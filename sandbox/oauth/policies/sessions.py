"""How long sessions last, in the browser too, and what sensitive operations want of the sign-in behind them."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from sandbox.access.acr import TWO_FACTORS, Demand
from sandbox.resources.configuration.current import flag, number
from sandbox.resources.sessions.service import Lifetime

FOR_EVER = timedelta(days=3650)


def lifetime() -> Lifetime:
    """Give the limits of the tenant; no session stays unused for longer than the server allows."""
    absolute = timedelta(hours=number("identity.session.absolute_hours")) or FOR_EVER
    idle = timedelta(minutes=number("identity.session.idle_timeout_min")) or absolute
    allowed = timedelta(seconds=current_app.config["SETTINGS"].session_idle_seconds)
    return Lifetime(idle=min(idle, allowed), absolute=absolute)


def cookie_seconds() -> int | None:
    """Tell how long a browser keeps its cookie; None is until it is closed."""
    return int(lifetime().absolute.total_seconds()) if flag("identity.session.persistent_cookie") else None


def reauthentication() -> Demand | None:
    """Demand a second factor of late for what is sensitive, if the tenant wants one."""
    minutes = number("identity.session.reauthentication_minutes")
    return Demand(TWO_FACTORS, max_age=minutes * 60) if minutes else None
