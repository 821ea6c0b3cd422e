"""How often people sign in, and how much they do when they have."""

from collections import Counter, defaultdict
from statistics import mean, median

from seed.moments import DAY
from seed.report.figure import Bars, Figure, Plot, percentile
from seed.report.sighting import Sighting

_CLOSED_AFTER = 2 * DAY
"""A session is at most twelve hours long, and nothing is delivered later than a day after it happened."""


class Visits:
    """Sessions of one person on one day, for those who were there."""

    title = "Sessions a day"
    basis = "people come back a few times a day"

    def __init__(self) -> None:
        self._seen: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._counts: list[int] = []

    def see(self, sighting: Sighting) -> None:
        """Note the session; days that nothing can be added to any more become numbers."""
        session = sighting.event["session_id"]
        if sighting.person is None or session is None:
            return
        day = sighting.local_day
        if day not in self._seen:
            self._close(sighting.visible_ms // DAY - 3)
        self._seen[day][sighting.person.id].add(session)

    def figures(self) -> list[Figure]:
        """Answer mean and 95th percentile."""
        self._close(1 << 62)
        average = mean(self._counts) if self._counts else float("nan")
        return [Figure("mean", average, 2.0, 4.0), Figure("95th percentile", percentile(self._counts, 0.95), None, 8.0)]

    def plot(self) -> Plot:
        """Draw how many days had how many."""
        counts = Counter(min(count, 11) for count in self._counts)
        total = len(self._counts) or 1
        return Bars([("11+" if n == 11 else str(n), counts[n] / total, n > 8) for n in range(1, 12)], form="share")

    def _close(self, until: int) -> None:
        for day in [day for day in self._seen if day <= until]:
            self._counts += [len(sessions) for sessions in self._seen.pop(day).values()]


class Lengths:
    """Events of one session."""

    title = "Events a session"
    basis = "lognormal: short as a rule, with a long tail"

    def __init__(self) -> None:
        self._open: dict[str, list[int]] = {}
        self._closed: list[int] = []
        self._day = 0

    def see(self, sighting: Sighting) -> None:
        """Count, and close what is over."""
        session = sighting.event["session_id"]
        if sighting.person is None or session is None:
            return
        entry = self._open.setdefault(session, [0, 0])
        entry[0] += 1
        entry[1] = sighting.visible_ms
        if sighting.visible_ms // DAY > self._day:
            self._day = sighting.visible_ms // DAY
            self._close(sighting.visible_ms - _CLOSED_AFTER)

    def figures(self) -> list[Figure]:
        """Answer the middle, how far the mean lies above it, and the longest."""
        self._close(1 << 62)
        middle = float(median(self._closed)) if self._closed else float("nan")
        return [
            Figure("median", middle, 5.0, 15.0),
            Figure("mean ÷ median", mean(self._closed or [0]) / middle, 1.5),
            Figure("longest", float(max(self._closed, default=0)), 150.0),
        ]

    def plot(self) -> Plot:
        """Draw the lengths, each bar twice as wide as the one before."""
        bins = Counter(length.bit_length() for length in self._closed)
        total = len(self._closed) or 1
        return Bars(
            [(f"{1 << (n - 1)}", bins[n] / total, False) for n in range(1, max(bins, default=1) + 1)], form="share"
        )

    def _close(self, until_ms: int) -> None:
        for session in [session for session, (_, ms) in self._open.items() if ms < until_ms]:
            self._closed.append(self._open.pop(session)[0])
