"""The pass: every statistic sees every event of a log once."""

from dataclasses import dataclass
from typing import Any

from seed.dataset import Dataset
from seed.moments import milliseconds
from seed.report import clockwork, crowd, delivery, places, sessions, signing_in, work
from seed.report.figure import Figure, Plot, Statistic
from seed.report.sighting import sightings


@dataclass(frozen=True, slots=True)
class Answer:
    """One statistic, computed."""

    number: int
    title: str
    basis: str
    figures: tuple[Figure, ...]
    plot: Plot

    @property
    def is_in_band(self) -> bool:
        """Tell whether all of its figures are."""
        return all(figure.is_in_band for figure in self.figures)


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of one company."""

    company: str
    profile: str
    seed: int
    events: int
    people: int
    days: int
    answers: tuple[Answer, ...]

    @property
    def is_in_band(self) -> bool:
        """Tell whether everything is."""
        return all(answer.is_in_band for answer in self.answers)

    def outside(self) -> list[tuple[Answer, Figure]]:
        """Answer the figures that lie outside their band."""
        return [(answer, figure) for answer in self.answers for figure in answer.figures if not figure.is_in_band]

    def as_json(self) -> dict[str, Any]:
        """Answer it for programs."""
        return {
            "profile": self.profile,
            "seed": self.seed,
            "events": self.events,
            "in_band": self.is_in_band,
            "statistics": [_as_json(answer) for answer in self.answers],
        }


def measure(dataset: Dataset) -> Report:
    """Read a log once and answer the twelve statistics of its ordinary traffic, and how it was delivered."""
    statistics, count = _statistics(dataset), 0
    for sighting in sightings(dataset):
        count += 1
        for statistic in statistics:
            statistic.see(sighting)
    return Report(
        company=dataset.organization.name,
        profile=dataset.profile,
        seed=dataset.seed,
        events=count,
        people=len(dataset.people),
        days=(dataset.ends_at - dataset.starts_at).days,
        answers=tuple(
            # The numbers come first: asking for them closes what was still being counted.
            Answer(number, each.title, each.basis, tuple(each.figures()), each.plot())
            for number, each in enumerate(statistics, 1)
        ),
    )


def _statistics(dataset: Dataset) -> tuple[Statistic, ...]:
    ends_ms = milliseconds(dataset.ends_at)
    return (
        signing_in.Failures(),
        signing_in.Recoveries(),
        crowd.Concentration(),
        clockwork.Day(),
        clockwork.Week(),
        sessions.Visits(),
        sessions.Lengths(),
        places.Habits(ends_ms),
        places.Countries(ends_ms),
        clockwork.Services(),
        work.Habits(),
        crowd.Directory(dataset),
        delivery.Delivery(),
    )


def _as_json(answer: Answer) -> dict[str, Any]:
    figures = [
        {"name": one.name, "value": one.value, "low": one.low, "high": one.high, "in_band": one.is_in_band}
        for one in answer.figures
    ]
    return {"number": answer.number, "title": answer.title, "in_band": answer.is_in_band, "figures": figures}
