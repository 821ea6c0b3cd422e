"""Which answers are worth asking again, and how long to wait first. Pure: no clock, no sleep, no HTTP library.

`Retry-After` is honored in both forms (RFC 9110 §10.2.3), a date being compared with the server's own `Date`. Zero,
past and unreadable values fall back to exponential back-off, so a careless server is never hammered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from random import Random

from reference_connector.errors import FixAccess, TryLater
from reference_connector.transport.answer import Answer

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
# The request was turned away before anything was done with it, so even a plain POST may be sent again.
TURNED_AWAY = frozenset({429, 503})


class Doubtful(Exception):
    """The answer cannot be trusted or used; asking again may help. `code` is a stable slug."""

    def __init__(
        self, message: str, *, code: str, headers: Mapping[str, str] | None = None, was_turned_away: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.headers = headers or {}
        self.was_turned_away = was_turned_away


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`factor` is the first back-off in seconds; `ceiling` bounds one wait, `patience` all waits of one request."""

    max_retries: int = 5
    factor: float = 1.0
    ceiling: float = 120.0
    patience: float = 300.0

    def wait_seconds(self, attempt: int, doubt: Doubtful, *, waited: float, random: Random) -> float | None:
        """Return the wait before the next attempt (the first is 1), None to give up."""
        if attempt > self.max_retries:
            return None
        asked = retry_after(doubt.headers)
        if asked is not None:
            # Never sooner than asked; a little later, so that many clients do not come back at the same instant.
            wait = asked + random.uniform(0, min(1.0, asked / 10))
        else:
            wait = min(self.ceiling, self.factor * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)
        return None if wait > self.ceiling or waited + wait > self.patience else wait


def judge(answer: Answer) -> None:
    """Raise Doubtful for what may pass, FixAccess for what the vendor refuses; anything else is the caller's."""
    if answer.status in RETRYABLE:
        raise Doubtful(
            f"the server answered {answer.status}",
            code="rate-limited" if answer.status == 429 else f"http-{answer.status}",
            headers=answer.headers,
            was_turned_away=answer.status in TURNED_AWAY,
        )
    if answer.status == 401:
        raise FixAccess(
            "the API refuses the token, also a fresh one (401)",
            code="unauthorized",
            remedy="check that the client may use this API and this address",
        )
    if answer.status == 403:
        raise FixAccess(
            f"the API says this is not allowed (403{_code(answer)})",
            code="forbidden",
            remedy="give the client the scopes that the manifest names",
        )


def give_up(doubt: Doubtful, *, attempts: int) -> TryLater:
    """Return the error for a request that was tried in vain."""
    asked = retry_after(doubt.headers)
    times = "once" if attempts == 1 else f"{attempts} times"
    when = f" in {asked:.0f} s, as the server asks" if asked else ""
    return TryLater(f"{doubt.message} (asked {times})", code=doubt.code, remedy=f"run again later{when}")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait; None if it does not say, or says something useless."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    seconds = _seconds(text)
    if seconds is None:
        until, now = _date(text), _date(headers.get("date", ""))
        seconds = (until - now).total_seconds() if until and now else None
    return seconds if seconds is not None and seconds > 0 else None


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds < 1e9 else None


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _code(answer: Answer) -> str:
    code = answer.problem.get("code")
    return f", {code}" if isinstance(code, str) and len(code) <= 64 and code.isprintable() else ""
