"""Datetimes and durations as manifests write them: the placeholders of the declarative vocabulary, ISO 8601 durations.

Only forms whose text sorts like time (fixed width, biggest unit first, UTC) or whose values are integers are accepted,
so the engine can compare a million cursor values without parsing one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_FIELDS = {
    "%Y": (r"(?P<year>\d{4})", timedelta(days=365)),
    "%m": (r"(?P<month>\d{2})", timedelta(days=28)),
    "%d": (r"(?P<day>\d{2})", timedelta(days=1)),
    "%H": (r"(?P<hour>\d{2})", timedelta(hours=1)),
    "%M": (r"(?P<minute>\d{2})", timedelta(minutes=1)),
    "%S": (r"(?P<second>\d{2})", timedelta(seconds=1)),
    "%_ms": (r"(?P<millisecond>\d{3})", timedelta(milliseconds=1)),
    "%f": (r"(?P<microsecond>\d{6})", timedelta(microseconds=1)),
}
_EPOCHS = {"%s": 1, "%ms": 1_000}
_ORDER = list(_FIELDS)
_PLACEHOLDER = re.compile(r"%_ms|%ms|%s_as_float|%.")
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)

CursorValue = str | int


@dataclass(frozen=True, slots=True)
class DatetimeFormat:
    """One way of writing a moment, such as ``%Y-%m-%dT%H:%M:%S.%_msZ`` or ``%ms``."""

    pattern: str

    def __post_init__(self) -> None:
        if self.pattern in _EPOCHS:
            return
        used = [found.group() for found in _PLACEHOLDER.finditer(self.pattern)]
        if unknown := [placeholder for placeholder in used if placeholder not in _FIELDS]:
            raise ValueError(f"the placeholder {unknown[0]} is not supported yet")
        expected = [p for p in _ORDER if p in used]
        if used != expected or used[:3] != _ORDER[:3]:
            raise ValueError("the parts must go from the year down, each once, so that the text sorts like time")
        if "%H" in used and not self.pattern.endswith(("Z", "+00:00")):
            raise ValueError("a time of day needs its zone: end the format with Z or +00:00")

    @property
    def granularity(self) -> timedelta:
        """Return the smallest difference that the format can express."""
        if self.pattern in _EPOCHS:
            return timedelta(seconds=1) / _EPOCHS[self.pattern]
        return min(_FIELDS[found.group()][1] for found in _PLACEHOLDER.finditer(self.pattern))

    @property
    def is_epoch(self) -> bool:
        return self.pattern in _EPOCHS

    def format(self, moment: datetime) -> CursorValue:
        """Return the moment as the API writes it, cut (never rounded up) to the granularity."""
        utc = moment.astimezone(UTC)
        if self.is_epoch:
            return (utc - datetime(1970, 1, 1, tzinfo=UTC)) * _EPOCHS[self.pattern] // timedelta(seconds=1)
        return _PLACEHOLDER.sub(lambda found: _render(found.group(), utc), self.pattern)

    def parse(self, value: CursorValue) -> datetime:
        """Return the moment, aware, in UTC; ValueError if the value is not in this format."""
        if self.is_epoch:
            if isinstance(value, bool) or not isinstance(value, int):
                raise ValueError(f"{value!r} is not a whole number")
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=1) * value / _EPOCHS[self.pattern]
        found = re.fullmatch(self._expression, value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"{value!r} does not follow {self.pattern}")
        parts = {name: int(text) for name, text in found.groupdict().items()}
        if "millisecond" in parts:
            parts["microsecond"] = parts.pop("millisecond") * 1_000
        return datetime(**parts, tzinfo=UTC)

    @property
    def _expression(self) -> str:
        pieces, position = [], 0
        for found in _PLACEHOLDER.finditer(self.pattern):
            pieces += [re.escape(self.pattern[position : found.start()]), _FIELDS[found.group()][0]]
            position = found.end()
        return "".join(pieces) + re.escape(self.pattern[position:])


def parse_moment(text: str) -> datetime:
    """Return an RFC 3339 date-time as an aware datetime in UTC; ValueError without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone: end it with Z")
    return moment.astimezone(UTC)


def parse_duration(text: str) -> timedelta:
    """Return an ISO 8601 duration of weeks, days and times; months and years are refused, having no fixed length."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groupdict().values()):
        raise ValueError(
            f"{text!r} is not an ISO 8601 duration of weeks, days, hours, minutes or seconds (such as PT15M)"
        )
    parts = {unit: float(number) if "." in number else int(number) for unit, number in found.groupdict("0").items()}
    return timedelta(**parts)


def _render(placeholder: str, moment: datetime) -> str:
    if placeholder == "%_ms":
        return f"{moment.microsecond // 1_000:03d}"
    if placeholder == "%Y":
        return f"{moment.year:04d}"
    return moment.strftime(placeholder)
