"""What a statistic answers: figures, each with the band it should lie in, and something to draw."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from seed.report.sighting import Sighting


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its band, both ends included; None leaves an end open. `form` says how it reads: share or number."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    form: str = "number"

    @property
    def is_in_band(self) -> bool:
        """Tell whether the value lies where it should; a value that is not a number lies nowhere."""
        if self.value != self.value:
            return False
        return (self.low is None or self.value >= self.low) and (self.high is None or self.value <= self.high)

    def written(self) -> str:
        """Write the value for people."""
        return _write(self.value, self.form)

    def band(self) -> str:
        """Write the band for people."""
        if self.low is None:
            return f"≤ {_write(self.high or 0.0, self.form)}"
        if self.high is None:
            return f"≥ {_write(self.low, self.form)}"
        return f"{_write(self.low, self.form)} to {_write(self.high, self.form)}"


def _write(value: float, form: str) -> str:
    if form == "share":
        return f"{100 * value:.1f} %".replace(".0 %", " %")
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over a common axis: name → points. The band lies across all of it."""

    series: dict[str, list[tuple[float, float]]]
    marks: Sequence[tuple[float, str]] = ()
    """Where the axis is labelled, and with what."""
    band: tuple[float, float] | None = None
    form: str = "number"


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars side by side: label, value, and whether it stands back (a weekend, a tail)."""

    bars: list[tuple[str, float, bool]]
    band: tuple[float, float] | None = None
    form: str = "number"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Shares by row and column."""

    rows: list[str]
    columns: list[str]
    values: list[list[float]] = field(default_factory=list)


Plot = Lines | Bars | Matrix


class Statistic(Protocol):
    """One of the twelve: sees every event once, then answers."""

    title: str
    basis: str
    """Where the band comes from."""

    def see(self, sighting: Sighting) -> None:
        """Take an event into account."""
        ...

    def figures(self) -> list[Figure]:
        """Answer the numbers; call it when all was seen."""
        ...

    def plot(self) -> Plot:
        """Answer what to draw."""
        ...


def percentile(values: Sequence[float], share: float) -> float:
    """Answer the value that this share of all lies below; not a number where there are none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def ratio(part: float, whole: float) -> float:
    """Divide; not a number where there is nothing to divide by."""
    return part / whole if whole else float("nan")
