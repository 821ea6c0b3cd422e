"""The seeded stretch of time, and moments of a working day within it.

A local day is counted in whole days since 1970 at the city's offset, so that weekdays need no calendar.
"""

from dataclasses import dataclass

from seed.cities import City
from seed.company import ENDS_AT, FOUNDED_AT
from seed.holidays import is_holiday
from seed.moments import DAY, HOUR, MINUTE, milliseconds
from seed.randomness import Random

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last moment of the log, in milliseconds; the end itself is outside."""

    starts_ms: int
    ends_ms: int

    @property
    def days(self) -> int:
        """How many days it is long."""
        return (self.ends_ms - self.starts_ms) // DAY

    def working_moment(self, city: City, rng: Random, *, first_day: int, last_day: int) -> int:
        """Draw a moment between 9 and 17 on a working day in that city; days count from the start, both included."""
        while True:
            day = local_day(self.starts_ms + rng.randint(first_day, last_day) * DAY, city)
            if not is_day_off(day, city):
                return at_local(day, city, 9 * HOUR + rng.randrange(8 * HOUR))

    def long_before(self, rng: Random, *, days: int = 20) -> int:
        """Draw a moment between the founding of the organization and `days` before the log begins."""
        return rng.randrange(milliseconds(FOUNDED_AT), self.starts_ms - days * DAY)

    def shortly_before(self, rng: Random, *, least: int, most: int) -> int:
        """Draw a moment between `most` and `least` days before the log begins."""
        return self.starts_ms - rng.randrange(least * DAY, most * DAY)


def period_of(days: int) -> Period:
    """Answer the period of that many days up to the fixed end of history."""
    ends_ms = milliseconds(ENDS_AT)
    return Period(ends_ms - days * DAY, ends_ms)


def local_day(ms: int, city: City) -> int:
    """Answer the day that a moment falls on in a city."""
    return (ms + city.offset * MINUTE) // DAY


def at_local(day: int, city: City, since_midnight: int) -> int:
    """Answer the moment of that local day, so many milliseconds after midnight."""
    return day * DAY - city.offset * MINUTE + since_midnight


def is_weekend(day: int) -> bool:
    """Tell whether a local day is a Saturday or a Sunday; 1970 began on a Thursday."""
    return (day + 3) % 7 >= _SATURDAY


def is_day_off(day: int, city: City) -> bool:
    """Tell whether most people in a city are off on a local day: at weekends and on public holidays."""
    return is_weekend(day) or is_holiday(day, city)
