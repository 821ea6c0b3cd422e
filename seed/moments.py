"""Moments as whole milliseconds since 1970, the unit that everything here reckons in, and their two outer forms.

Directory entries carry `datetime` in UTC; events carry text (RFC 3339, UTC, milliseconds, `Z`). Text is put together from
ready parts, because a hundred thousand calls of `isoformat` would cost as much as the rest of the event.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(DAY // MINUTE))
_SECONDS = tuple(f"{second:02}." for second in range(60))
_MILLISECONDS = tuple(f"{millisecond:03}Z" for millisecond in range(SECOND))


def milliseconds(moment: datetime) -> int:
    """Answer the milliseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(ms: int) -> datetime:
    """Answer the moment in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def wire_time(ms: int) -> str:
    """Write a moment the way the API does: `2026-08-31T09:15:00.250Z`."""
    day, rest = divmod(ms, DAY)
    return f"{_date(day)}{_MINUTES[rest // MINUTE]}{_SECONDS[rest // SECOND % 60]}{_MILLISECONDS[rest % SECOND]}"


@lru_cache(maxsize=1_000)
def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")
