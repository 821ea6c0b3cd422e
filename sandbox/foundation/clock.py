"""Business time: the one place where it is read.

Two clocks, never mixed. *Business time* (`now`) is what events, sign-ins and every `…_at` of a resource carry; each
tenant has its own and a laboratory may freeze it or travel. *Protocol time* (`wall_now`) is what tokens, codes, proofs,
rate limits and HTTP `Date` use, since real clients check those with their own clock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """A tenant's business time: `business` was shown at wall instant `wall`, and runs at `rate` since then."""

    business: datetime
    wall: datetime
    rate: float = 1.0

    def now(self) -> datetime:
        """Tell business time, in UTC."""
        return self.business + (wall_now() - self.wall) * self.rate


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_current: ContextVar[Clock | None] = ContextVar("clock", default=None)
_skew: ContextVar[int] = ContextVar("skew", default=0)


def now() -> datetime:
    """Tell business time of the tenant that is entered, in UTC and whole milliseconds; wall time outside any tenant."""
    clock = _current.get()
    moment = clock.now() if clock else wall_now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wall_now() -> datetime:
    """Tell the time that the rest of the world lives in, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 - the one place that reads it


def wall_seconds() -> int:
    """Tell wall time in whole seconds since 1970 (a JWT NumericDate, RFC 7519 §2)."""
    return int(time.time()) + _skew.get()  # noqa: TID251 - the one place that reads it


@contextmanager
def skewed(seconds: int) -> Iterator[None]:
    """Let `wall_seconds` be wrong for a while, as on a server whose clock nobody sets; business time stays right."""
    token = _skew.set(seconds)
    try:
        yield
    finally:
        _skew.reset(token)


def bind(clock: Clock | None) -> None:
    """Make this the clock of the current context; `foundation.tenancy.enter` calls it."""
    _current.set(clock)


def bound() -> Clock | None:
    """Tell which clock is bound, so that a caller can put it back."""
    return _current.get()


def to_wire(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with milliseconds and `Z`."""
    in_utc = (
        moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    )  # Nearly always it is, and this is written often.
    return in_utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_wire(text: str) -> datetime:
    """Read an RFC 3339 moment; raises ValueError for one without an offset, since a naive time is a guess."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, for example 2026-09-01T00:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC the time would be outside the years 1 to 9999") from None


def next_millisecond(moment: datetime) -> datetime:
    """Give the first whole millisecond that is not before a moment; raises OverflowError behind the year 9999.

    Stored moments are whole milliseconds, so `stored >= moment` and `stored < moment` say the same of both.
    """
    return moment + timedelta(microseconds=-moment.microsecond % 1000)


def milliseconds(moment: datetime) -> int:
    """Count milliseconds since 1970: how moments are stored where they are compared often."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(count: int) -> datetime:
    """Undo `milliseconds`."""
    return _EPOCH + timedelta(milliseconds=count)
