"""How often signing in fails, and whether it is typing errors."""

from collections import Counter, defaultdict, deque
from itertools import islice

from seed.moments import DAY, HOUR, MINUTE
from seed.report.figure import Bars, Figure, Lines, Plot, ratio
from seed.report.sighting import Sighting

_FAILED, _SUCCEEDED = "auth.login.failed", "auth.login.succeeded"
_SOON_MS = 5 * MINUTE
_REMEMBERED = 8


class Failures:
    """The share of interactive sign-ins that fail."""

    title = "Sign-ins that fail"
    basis = (
        "4.35 % of second-factor tasks fail in a study of 2,559 people; public sign-in pages under attack see over 50 %"
    )

    def __init__(self) -> None:
        self._days: dict[int, Counter[str]] = defaultdict(Counter)

    def see(self, sighting: Sighting) -> None:
        """Count sign-ins by day."""
        if sighting.action in (_FAILED, _SUCCEEDED):
            self._days[sighting.ms // DAY][sighting.action] += 1

    def figures(self) -> list[Figure]:
        """Answer the share over all days."""
        failed = sum(day[_FAILED] for day in self._days.values())
        return [
            Figure("failed of all", ratio(failed, sum(d.total() for d in self._days.values())), 0.02, 0.06, "share")
        ]

    def plot(self) -> Plot:
        """Draw the share by week-long windows, so that quiet Sundays do not jump."""
        days = sorted(self._days)
        points = []
        for index in range(6, len(days)):
            window = [self._days[day] for day in days[index - 6 : index + 1]]
            points.append(
                (float(index), ratio(sum(day[_FAILED] for day in window), sum(day.total() for day in window)))
            )
        marks = [(6.0, "first week"), (float(len(days) - 1), "last")]
        return Lines({"seven days": points}, marks, (0.02, 0.06), "share")


class Recoveries:
    """Failures that the same person makes good soon after."""

    title = "Failures made good within 5 minutes"
    basis = "people mistype and try again; programs that guess do not succeed"

    def __init__(self) -> None:
        self._successes: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))
        self._waiting: dict[str, list[int]] = defaultdict(list)
        self._took: list[int] = []
        self._failed = 0

    def see(self, sighting: Sighting) -> None:
        """Match failures with successes, whichever of both was delivered first."""
        if sighting.person is None or sighting.action not in (_FAILED, _SUCCEEDED):
            return
        who, ms = sighting.person.id, sighting.ms
        if sighting.action == _SUCCEEDED:
            self._successes[who].append(ms)
            self._took += [ms - before for before in self._waiting[who] if before <= ms]
            self._waiting[who] = [before for before in self._waiting[who] if before > ms]
            return
        self._failed += 1
        after = [success - ms for success in self._successes[who] if success >= ms]
        if after:
            self._took.append(min(after))
        else:
            self._waiting[who].append(ms)

    def figures(self) -> list[Figure]:
        """Answer the share of all failures."""
        soon = sum(took <= _SOON_MS for took in self._took)
        return [Figure("made good", ratio(soon, self._failed), 0.80, None, "share")]

    def plot(self) -> Plot:
        """Draw how long it took."""
        bounds = {"10 s": 10_000, "30 s": 30_000, "1 min": MINUTE, "5 min": _SOON_MS, "1 h": HOUR, "later": 1 << 62}
        bars, below = [], 0
        for label, bound in bounds.items():
            count = sum(took <= bound for took in self._took)
            share = ratio((self._failed if label == "later" else count) - below, self._failed)
            bars.append((label, share, bound > _SOON_MS))
            below = count
        return Bars(list(islice(bars, 6)), form="share")
