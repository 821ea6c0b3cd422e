"""Who is busy, and who there is: concentration of activity, and the proportions of the directory."""

from collections import Counter
from datetime import timedelta

from seed.dataset import Dataset, Person
from seed.report.figure import Bars, Figure, Lines, Plot, ratio
from seed.report.sighting import Sighting

_DORMANT = timedelta(days=90)
_MONTH = timedelta(days=30)


class Concentration:
    """Few do much: the Gini coefficient of events per person, and the share of the busiest fifth."""

    title = "Concentration of activity"
    basis = "the rule of 80 and 20; lognormal activity with σ about 1"

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def see(self, sighting: Sighting) -> None:
        """Count events by person."""
        if sighting.person is not None:
            self._counts[sighting.person.id] += 1

    def figures(self) -> list[Figure]:
        """Answer both over everybody who did anything."""
        counts = sorted(self._counts.values())
        size, total = len(counts), sum(counts)
        ranked = sum((2 * rank - size - 1) * count for rank, count in enumerate(counts, 1))
        return [
            Figure("Gini coefficient", ratio(ranked, size * total), 0.55, 0.75),
            Figure("share of the busiest fifth", ratio(sum(counts[size - size // 5 :]), total), 0.55, 0.80, "share"),
        ]

    def plot(self) -> Plot:
        """Draw the Lorenz curve."""
        counts, total, passed = sorted(self._counts.values()), self._counts.total() or 1, 0
        curve = [(0.0, 0.0)]
        for rank, count in enumerate(counts, 1):
            passed += count
            curve.append((rank / len(counts), passed / total))
        step = max(1, len(curve) // 120)
        marks = [(0.0, "quietest"), (0.8, "80 %"), (1.0, "busiest")]
        return Lines({"people": [*curve[::step], (1.0, 1.0)], "equal": [(0.0, 0.0), (1.0, 1.0)]}, marks, form="share")


class Directory:
    """Joiners and leavers, the dormant, guests and administrators; from the directory alone."""

    title = "Who there is"
    basis = "vendors' yearly reports: 1 to 3 % come or go a month, 5 to 15 % sleep, 5 to 15 % are guests"

    def __init__(self, dataset: Dataset) -> None:
        self._people = [person for person in dataset.people if person.type == "human" and not person.deleted_at]
        self._dataset = dataset

    def see(self, sighting: Sighting) -> None:
        """Look at nothing: the directory tells."""

    def figures(self) -> list[Figure]:
        """Answer shares of the people who are not deleted, or of the active ones."""
        data, active = self._dataset, [person for person in self._people if person.status == "active"]
        months = (data.ends_at - data.starts_at) / _MONTH
        moved = sum(self._is_joiner(person) + self._is_leaver(person) for person in data.people)
        asleep = sum((person.last_login_at or data.ends_at) < data.ends_at - _DORMANT for person in active)
        administrators = sum("administrator" in person.role_keys for person in active)
        return [
            Figure("came or went a month", ratio(moved / months, len(self._people)), 0.01, 0.03, "share"),
            Figure("dormant for 90 days", ratio(asleep, len(active)), 0.05, 0.15, "share"),
            Figure("guests", ratio(sum(person.is_external for person in active), len(active)), 0.05, 0.15, "share"),
            Figure("administrators", ratio(administrators, len(active)), 0.01, 0.03, "share"),
        ]

    def plot(self) -> Plot:
        """Draw people by status, the active ones by kind."""
        kinds = Counter(self._kind(person) for person in self._dataset.people if person.type == "human")
        order = ("colleagues", "guests", "dormant", "staged", "suspended", "deleted")
        return Bars([(kind, float(kinds[kind]), index > 0) for index, kind in enumerate(order)])

    def _is_joiner(self, person: Person) -> bool:
        return person.created_at >= self._dataset.starts_at and person.last_login_at is not None

    def _is_leaver(self, person: Person) -> bool:
        return person.suspended_at is not None and person.suspended_at >= self._dataset.starts_at

    def _kind(self, person: Person) -> str:
        if person.status != "active":
            return person.status
        if (person.last_login_at or self._dataset.ends_at) < self._dataset.ends_at - _DORMANT:
            return "dormant"
        return "guests" if person.is_external else "colleagues"
