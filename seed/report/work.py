"""What people do: the next action follows from the one before, and departments differ."""

from collections import Counter, defaultdict
from itertools import combinations
from math import log2
from statistics import median

from seed.moments import DAY, MINUTE
from seed.report.figure import Figure, Matrix, Plot, ratio
from seed.report.sighting import Sighting

_LEAST_SHARE = 0.02
"""Departments with less of the work than this are too small to have habits."""
_FORGOTTEN_AFTER = 2 * DAY


class Habits:
    """Markov order and roles: entropy given the action before, divergence between departments."""

    title = "Which action follows which"
    basis = "work has habits, and each role its own"

    def __init__(self) -> None:
        self._before: dict[str, tuple[str, int]] = {}
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._mixes: dict[str, Counter[str]] = defaultdict(Counter)
        self._day = 0

    def see(self, sighting: Sighting) -> None:
        """Note pairs of actions in the order in which they were delivered; what came late has lost its place."""
        session = sighting.event["session_id"]
        if sighting.person is None or session is None or not sighting.action.startswith(("file.", "access.")):
            return
        self._mixes[sighting.person.department][sighting.action] += 1
        if sighting.visible_ms - sighting.ms > MINUTE:
            return
        if session in self._before:
            self._pairs[self._before[session][0], sighting.action] += 1
        self._before[session] = sighting.action, sighting.ms
        if sighting.ms // DAY > self._day:
            self._day = sighting.ms // DAY
            self._before = {k: v for k, v in self._before.items() if v[1] > sighting.ms - _FORGOTTEN_AFTER}

    def figures(self) -> list[Figure]:
        """Answer by how much knowing the action before lowers the entropy, and how far departments lie apart."""
        marginal, conditional = self._entropies()
        busy = sum(mix.total() for mix in self._mixes.values()) * _LEAST_SHARE
        mixes = [mix for mix in self._mixes.values() if mix.total() >= busy]
        apart = [_divergence(a, b) for a, b in combinations(mixes, 2)]
        return [
            Figure("entropy saved by the action before", 1 - ratio(conditional, marginal), 0.10, None, "share"),
            Figure("divergence of departments, median pair", median(apart) if apart else float("nan"), 0.1),
        ]

    def plot(self) -> Plot:
        """Draw, for each action, what comes next."""
        actions = [action for action, _ in sum(self._mixes.values(), Counter()).most_common(8)]
        rows = []
        for first in actions:
            total = sum(self._pairs[first, second] for second in actions) or 1
            rows.append([self._pairs[first, second] / total for second in actions])
        names = [action.removeprefix("file.").removeprefix("access.") for action in actions]
        return Matrix(names, names, rows)

    def _entropies(self) -> tuple[float, float]:
        """Answer the entropy of actions, and that given the one before, in bits."""
        first, second, total = Counter[str](), Counter[str](), self._pairs.total() or 1
        for (earlier, later), count in self._pairs.items():
            first[earlier] += count
            second[later] += count
        marginal = -sum(count / total * log2(count / total) for count in second.values())
        given = -sum(count / total * log2(count / first[before]) for (before, _), count in self._pairs.items())
        return marginal, given


def _divergence(a: Counter[str], b: Counter[str]) -> float:
    """Answer the Jensen-Shannon divergence in bits."""
    result = 0.0
    for key in a.keys() | b.keys():
        p, q = a[key] / a.total(), b[key] / b.total()
        middle = (p + q) / 2
        result += sum(share * log2(share / middle) / 2 for share in (p, q) if share)
    return result
