"""How strongly a person proved who they are: the levels of this vendor (OpenID Connect `acr`, RFC 9470)."""

from __future__ import annotations

from typing import Final

from flask import current_app

from sandbox.settings import Settings

ONE_FACTOR: Final = "urn:harbor:acr:password"
TWO_FACTORS: Final = "urn:harbor:acr:mfa"
LEVELS: Final = (ONE_FACTOR, TWO_FACTORS)
"""Weakest first: who reached one has reached those before it."""


def is_on() -> bool:
    """Tell whether stepping up is on; `oauth/capabilities.py` has it in its table.

    Where it is off nobody can be asked for more, so that no resource wants more either.
    """
    settings: Settings = current_app.config["SETTINGS"]
    return "step_up" not in settings.oauth_off


def is_at_least(reached: str | None, wanted: str) -> bool:
    """Compare two levels; one that is unknown is never reached, nor reaches any."""
    return reached in LEVELS and wanted in LEVELS and LEVELS.index(reached) >= LEVELS.index(wanted)
