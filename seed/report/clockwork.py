"""The shape of the day and of the week, and programs that know neither."""

from collections import Counter, defaultdict
from math import sqrt
from statistics import mean

from seed.moments import HOUR
from seed.period import is_weekend
from seed.report.figure import Bars, Figure, Lines, Plot, ratio
from seed.report.sighting import Sighting

_LEAST_SHARE = 0.03
"""Zones with less of the log than this are guests at home, too few for a curve."""
_CLOCK = [(float(hour), f"{hour:02}:00") for hour in (0, 6, 12, 18)]


class Day:
    """Peak hour by quietest hour: in each time zone, and for the tenant as a whole."""

    title = "Day and night"
    basis = (
        "an office sleeps at night, a tenant of several zones does not: 80 sign-ins a minute against 16 in the RBA set"
    )

    def __init__(self) -> None:
        self._zones: dict[str, Counter[int]] = defaultdict(Counter)
        self._tenant: Counter[int] = Counter()

    def see(self, sighting: Sighting) -> None:
        """Count by hour."""
        self._tenant[sighting.ms // HOUR % 24] += 1
        if sighting.person is not None:
            self._zones[sighting.person.time_zone][sighting.local_hour] += 1

    def figures(self) -> list[Figure]:
        """Answer the flattest zone's ratio, and the tenant's."""
        flattest = min(map(_peak_to_trough, self._busy().values()), default=float("nan"))
        return [
            Figure("peak ÷ trough, flattest zone", flattest, 8.0),
            Figure("peak ÷ trough, tenant", _peak_to_trough(self._tenant), 3.0, 6.0),
        ]

    def plot(self) -> Plot:
        """Draw the local day of each zone as a share of its own peak, and the tenant's in UTC."""
        curves = {zone.rpartition("/")[2].replace("_", " "): hours for zone, hours in self._busy().items()}
        curves["tenant, UTC"] = self._tenant
        return Lines({name: _curve(hours) for name, hours in curves.items()}, _CLOCK, form="share")

    def _busy(self) -> dict[str, Counter[int]]:
        total = sum(hours.total() for hours in self._zones.values())
        ranked = sorted(self._zones.items(), key=lambda item: -item[1].total())
        return {zone: hours for zone, hours in ranked if hours.total() >= _LEAST_SHARE * total}


class Week:
    """How much of a weekday's work is done on a day of the weekend."""

    title = "Weekends"
    basis = "the LANL logs drop weekends as nearly empty"

    def __init__(self) -> None:
        self._days: Counter[int] = Counter()

    def see(self, sighting: Sighting) -> None:
        """Count by local day."""
        if sighting.person is not None:
            self._days[sighting.local_day] += 1

    def figures(self) -> list[Figure]:
        """Answer the ratio of the means."""
        weekend = [count for day, count in self._days.items() if is_weekend(day)]
        weekdays = [count for day, count in self._days.items() if not is_weekend(day)]
        value = mean(weekend) / mean(weekdays) if weekend and weekdays else float("nan")
        return [Figure("weekend ÷ weekday", value, 0.05, 0.25)]

    def plot(self) -> Plot:
        """Draw events by day, of the last six weeks."""
        last = sorted(self._days)[-42:]
        return Bars([(_weekday(day), float(self._days[day]), is_weekend(day)) for day in last])


class Services:
    """Programs keep time: equal gaps, no night, a modest share of the log."""

    title = "Service accounts"
    basis = "a scheduler knows neither night nor weekend"

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._gaps: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self._hours: dict[str, Counter[int]] = defaultdict(Counter)
        self._people: Counter[int] = Counter()
        self._all = self._theirs = 0

    def see(self, sighting: Sighting) -> None:
        """Sum up gaps between requests that came in time."""
        self._all += 1
        if sighting.event["actor"]["type"] != "service":
            self._people[sighting.ms // HOUR % 24] += 1
            return
        self._theirs += 1
        if sighting.action != "api.request":
            return
        who = sighting.event["actor"]["name"] or ""
        self._hours[who][sighting.ms // HOUR % 24] += 1
        moments = self._waiting(who, sighting.ms)
        if moments is not None:
            count, total, squares = self._gaps[who]
            self._gaps[who] = [count + 1, total + moments, squares + moments * moments]

    def figures(self) -> list[Figure]:
        """Answer the unsteadiest service's coefficient of variation, the liveliest one's night, and their share."""
        variations = [sqrt(max(0.0, s / n - (t / n) ** 2)) / (t / n) for n, t, s in self._gaps.values()]
        return [
            Figure("variation of gaps, unsteadiest", max(variations, default=float("nan")), None, 0.05),
            Figure("night ÷ day, all services", self._nights(), 0.9, 1.1),
            Figure("share of the log", ratio(self._theirs, self._all), 0.05, 0.40, "share"),
        ]

    def plot(self) -> Plot:
        """Draw the day of programs against that of people, in UTC."""
        services: Counter[int] = sum(self._hours.values(), Counter())
        return Lines({"services": _curve(services), "everybody else": _curve(self._people)}, _CLOCK, form="share")

    def _waiting(self, who: str, ms: int) -> float | None:
        """Answer the gap to the request before; late ones come out of turn, and both gaps beside them are skipped."""
        before = self._last.get(who)
        self._last[who] = max(ms, before or 0)
        usual = self._gaps[who][1] / self._gaps[who][0] if self._gaps[who][0] else None
        if before is None or ms <= before or (usual and ms - before > 1.5 * usual):
            return None
        return float(ms - before)

    def _nights(self) -> float:
        hours: Counter[int] = sum(self._hours.values(), Counter())
        return ratio(sum(hours[hour] for hour in range(6)) * 3, sum(hours[hour] for hour in range(6, 24)))


def _peak_to_trough(hours: Counter[int]) -> float:
    # An hour without any event counts as one with one.
    return max(hours.values()) / max(1, min(hours[hour] for hour in range(24)))


def _curve(hours: Counter[int]) -> list[tuple[float, float]]:
    peak = max(hours.values(), default=1)
    return [(float(hour), hours[hour] / peak) for hour in range(24)]


def _weekday(day: int) -> str:
    return ("M", "T", "W", "T", "F", "S", "S")[(day + 3) % 7]
