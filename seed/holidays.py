"""Public holidays of 2026 where people of the company and its partners live, typed by hand.

Those of the region of the office count (Bavaria, Karnataka); countries that people only travel to have none here. Feasts
that follow the moon are on the day that was announced. Seeded history lies in that year.
"""

from datetime import date

from seed.cities import City

_EPOCH = date(1970, 1, 1)
_HOLIDAYS = {
    "DE": "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 08-15 10-03 11-01 12-25 12-26",
    "US": "01-01 01-19 02-16 05-25 06-19 07-03 09-07 11-11 11-26 12-25",
    "IN": "01-26 03-19 03-21 04-03 04-14 05-01 05-27 06-26 08-15 08-26 10-02 10-20 11-08",
    "JP": "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21",
    "PL": "01-01 01-06 04-05 04-06 05-01 05-03 06-04 08-15 11-01 11-11 12-25 12-26",
    "BR": "01-01 02-17 04-03 04-21 05-01 06-04 09-07 10-12 11-02 11-20 12-25",
    "GB": "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    "FR": "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
}
_DAYS = {
    country: frozenset((date.fromisoformat(f"2026-{day}") - _EPOCH).days for day in days.split())
    for country, days in _HOLIDAYS.items()
}


def is_holiday(day: int, city: City) -> bool:
    """Tell whether a local day, counted from 1970, is a public holiday in that city."""
    return day in _DAYS.get(city.country, ())
