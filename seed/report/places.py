"""From where people come: addresses, networks, browsers and countries of one person in thirty days."""

from collections import Counter
from statistics import median

from seed.moments import DAY
from seed.report.figure import Bars, Figure, Plot, percentile, ratio
from seed.report.sighting import Sighting

_WINDOW_MS = 30 * DAY


class _Windows:
    """Counts the different values of some fields for each person, in windows of thirty days that end with the log."""

    def __init__(self, ends_ms: int) -> None:
        self._ends_ms = ends_ms
        self._window = -1
        self._seen: dict[str, tuple[set[object], ...]] = {}
        self.counts: list[tuple[int, ...]] = []

    def note(self, sighting: Sighting, *values: object) -> None:
        """Note values of an event; windows go by when it became visible, which never goes back."""
        window = (self._ends_ms - 1 - sighting.visible_ms) // _WINDOW_MS
        if window != self._window:
            self.close()
            self._window = window
        who = sighting.person.id if sighting.person else ""
        for known, value in zip(self._seen.setdefault(who, tuple(set() for _ in values)), values, strict=True):
            known.add(value)

    def close(self) -> None:
        """Turn the window into numbers."""
        self.counts += [tuple(map(len, known)) for known in self._seen.values()]
        self._seen = {}


class Habits:
    """Addresses, networks and browsers."""

    title = "Addresses, networks, browsers"
    basis = "what analytics of SaaS count over thirty days"
    _BANDS = (("addresses", 3.0, 6.0, 25.0), ("networks", 2.0, 3.0, 6.0), ("browsers", 1.0, 3.0, 5.0))

    def __init__(self, ends_ms: int) -> None:
        self._windows = _Windows(ends_ms)

    def see(self, sighting: Sighting) -> None:
        """Note the source."""
        if sighting.person is not None:
            source = sighting.event["source"]
            network = source["as"]["number"] if source["as"] else None
            self._windows.note(sighting, source["ip"], network, source["user_agent"])

    def figures(self) -> list[Figure]:
        """Answer the median and the 95th percentile of each."""
        self._windows.close()
        answered = []
        for index, (name, low, high, many) in enumerate(self._BANDS):
            counts = [each[index] for each in self._windows.counts]
            middle = float(median(counts)) if counts else float("nan")
            answered.append(Figure(f"{name}, median", middle, low, high))
            answered.append(Figure(f"{name}, 95th percentile", percentile(counts, 0.95), None, many))
        return answered

    def plot(self) -> Plot:
        """Draw how many addresses people had."""
        counts = Counter(min(each[0], 12) for each in self._windows.counts)
        total = counts.total() or 1
        return Bars([("12+" if n == 12 else str(n), counts[n] / total, n > 6) for n in range(1, 13)], form="share")


class Countries:
    """People seen in more than one country: travel, and remote access that comes out abroad."""

    title = "More than one country"
    basis = "travel and remote access abroad; at 12 % of people a naive travel rule is right in 0.7 % of its alerts"

    def __init__(self, ends_ms: int) -> None:
        self._windows = _Windows(ends_ms)

    def see(self, sighting: Sighting) -> None:
        """Note the country."""
        geo = sighting.event["source"]["geo"]
        if sighting.person is not None and geo is not None:
            self._windows.note(sighting, geo["country"])

    def figures(self) -> list[Figure]:
        """Answer the share of people."""
        self._windows.close()
        counts = [each[0] for each in self._windows.counts]
        return [Figure("people", ratio(sum(count > 1 for count in counts), len(counts)), 0.03, 0.10, "share")]

    def plot(self) -> Plot:
        """Draw those who were in more than one, by how many."""
        counts = Counter(min(each[0], 4) for each in self._windows.counts)
        total = counts.total() or 1
        labels = {2: "two", 3: "three", 4: "more"}
        return Bars([(label, counts[n] / total, False) for n, label in labels.items()], (0.0, 0.10), "share")
