"""How strongly a person proved who they are: the levels of this vendor (OpenID Connect `acr`, RFC 9470).

What sensitive operations want of a sign-in is the tenant's policy: `app.py` plugs in where it comes from, so that `access`
need not know the configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import current_app

from sandbox.settings import Settings

ONE_FACTOR: Final = "urn:harbor:acr:password"
TWO_FACTORS: Final = "urn:harbor:acr:mfa"
LEVELS: Final = (ONE_FACTOR, TWO_FACTORS)
"""Weakest first: who reached one has reached those before it."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a sign-in must be: of a level at least, and at most `max_age` seconds ago; None leaves either open."""

    acr: str | None = None
    max_age: int | None = None


Policy = Callable[[], Demand | None]
"""Tells what is demanded at present; None is nothing."""


def use_policy(policy: Policy) -> None:
    """Ask `policy` what sensitive operations demand from now on; it is asked each time, so it may differ by tenant."""
    _policy[:] = [policy]


def for_sensitive() -> Demand | None:
    """Tell what the policy that was plugged in demands of sensitive operations."""
    return _policy[0]()


def is_on() -> bool:
    """Tell whether stepping up is on; `oauth/capabilities.py` has it in its table.

    Where it is off nobody can be asked for more, so that no resource wants more either.
    """
    settings: Settings = current_app.config["SETTINGS"]
    return "step_up" not in settings.oauth_off


def is_at_least(reached: str | None, wanted: str) -> bool:
    """Compare two levels; one that is unknown is never reached, nor reaches any."""
    return reached in LEVELS and wanted in LEVELS and LEVELS.index(reached) >= LEVELS.index(wanted)


_policy: list[Policy] = [lambda: None]
