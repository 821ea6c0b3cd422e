"""How limits are told: the headers of several vendors, by a name for each, so that a client can be tried with all.

A connector that reads only one of them runs into the limit at the next vendor. What stands where is from the vendors'
public documentation; the default is the form that the API promises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from sandbox.foundation.clock import wall_seconds

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a rule has left after the present request: `reset` and `wait` are seconds to go, `window` those of the whole."""

    limit: int
    remaining: int
    reset: int
    window: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """The headers of every answer, and those of a refusal beside them, given the seconds to wait."""

    tell: Callable[[Budget], Headers]
    refuse: Callable[[int], Headers]


def _harbor(budget: Budget) -> Headers:
    return {
        "RateLimit-Limit": str(budget.limit),
        "RateLimit-Remaining": str(budget.remaining),
        "RateLimit-Reset": str(budget.reset),
    }


def _ietf(budget: Budget) -> Headers:
    return {
        "RateLimit-Policy": f'"api";q={budget.limit};w={budget.window}',
        "RateLimit": f'"api";r={budget.remaining};t={budget.reset}',
    }


def _github(budget: Budget) -> Headers:
    return {
        "X-RateLimit-Limit": str(budget.limit),
        "X-RateLimit-Remaining": str(budget.remaining),
        "X-RateLimit-Used": str(budget.limit - budget.remaining),
        "X-RateLimit-Reset": str(wall_seconds() + budget.reset),
        "X-RateLimit-Resource": "core",
    }


def _okta(budget: Budget) -> Headers:
    return {
        "X-Rate-Limit-Limit": str(budget.limit),
        "X-Rate-Limit-Remaining": str(budget.remaining),
        "X-Rate-Limit-Reset": str(wall_seconds() + budget.reset),
    }


def _zendesk(budget: Budget) -> Headers:
    return {
        "X-Rate-Limit": str(budget.limit),
        "X-Rate-Limit-Remaining": str(budget.remaining),
        "ratelimit-reset": str(budget.reset),
    }


def _atlassian(budget: Budget) -> Headers:
    return {
        "X-RateLimit-Limit": str(budget.limit),
        "X-RateLimit-Remaining": str(budget.remaining),
        # Whole minutes, upwards: nobody should come too early.
        "X-RateLimit-Reset": _moment(budget.reset + 59).strftime("%Y-%m-%dT%H:%MZ"),
    }


def _nothing(_: object) -> Headers:
    return {}


def _seconds(wait: int) -> Headers:
    return {"Retry-After": str(wait)}


def _date(wait: int) -> Headers:
    return {"Retry-After": format_datetime(_moment(wait), usegmt=True)}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(wall_seconds() + seconds, UTC)


STYLES: Final[dict[str, Style]] = {
    "harbor": Style(_harbor, _seconds),
    "harbor-date": Style(_harbor, _date),
    "ietf": Style(_ietf, _seconds),
    "github-like": Style(_github, _nothing),
    "okta-like": Style(_okta, _nothing),
    "zendesk-like": Style(_zendesk, _seconds),
    "atlassian-like": Style(_atlassian, _seconds),
    "slack-like": Style(_nothing, _seconds),
    "silent": Style(_nothing, _nothing),
}
"""By the name that the setting `rate_limit_headers` takes."""
