"""How events reach the log: most at once, some late, so not in the order in which they happened."""

from collections import Counter

from seed.moments import HOUR, MINUTE, SECOND
from seed.report.figure import Bars, Figure, Plot, ratio
from seed.report.sighting import Sighting

_LATE_MS = 5 * MINUTE
_STEPS = {"1 s": SECOND, "2 s": 2 * SECOND, "5 min": _LATE_MS, "15 min": 15 * MINUTE, "1 h": HOUR, "4 h": 4 * HOUR}


class Delivery:
    """The way from the deed to the log; every event carries both moments."""

    title = "Delivery of the log"
    basis = "vendors promise minutes and deliver some events hours later"

    def __init__(self) -> None:
        self._delays: Counter[str] = Counter()
        self._all = self._late = self._turned = self._backwards = 0
        self._latest_ms = self._visible_ms = 0

    def see(self, sighting: Sighting) -> None:
        """Compare both moments, with each other and with those of the event before."""
        delay = sighting.visible_ms - sighting.ms
        self._all += 1
        self._late += delay > _LATE_MS
        self._turned += sighting.ms < self._latest_ms
        self._backwards += sighting.visible_ms < self._visible_ms or delay < 0
        self._latest_ms, self._visible_ms = max(self._latest_ms, sighting.ms), sighting.visible_ms
        self._delays[next((label for label, bound in _STEPS.items() if delay <= bound), "later")] += 1

    def figures(self) -> list[Figure]:
        """Answer what is late (one in a hundred puts the 99th percentile beyond five minutes), and what is out of order."""
        return [
            Figure("later than 5 minutes", ratio(self._late, self._all), 0.01, 0.05, "share"),
            Figure("out of order by when it happened", ratio(self._turned, self._all), 0.01, None, "share"),
            Figure("visible before it happened, or out of turn", float(self._backwards), None, 0.0),
        ]

    def plot(self) -> Plot:
        """Draw how long it took."""
        total = self._all or 1
        return Bars(
            [(label, self._delays[label] / total, bound > 2 * SECOND) for label, bound in _STEPS.items()], form="share"
        )
