"""From verdicts to numbers: score = 100 · Σ p·f ⁄ Σ p, with p points by severity and f the fraction that was reached.

What is not applicable stays out of both sums; what could not be judged stays in the lower one, so that missing data can
only lower a score. `rank` orders what is left to do by what it earns for what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reference_connector.manifest.posture import Effort, PostureRule, Severity
from reference_connector.posture.rule import Verdict

POINTS: dict[Severity, int] = {"critical": 10, "high": 7, "medium": 4, "low": 2}

_EFFORTS: dict[Effort, int] = {"low": 0, "moderate": 1, "high": 2}


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with its verdict; `rank` is 1 for what is best done first and None where nothing is left to do."""

    rule: PostureRule
    verdict: Verdict
    rank: int | None = None

    @property
    def points(self) -> int:
        """Return what the check is worth."""
        return POINTS[self.rule.severity]


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """The score of one category; None if nothing in it applies."""

    name: str
    score: float | None
    passed: int
    partial: int
    failed: int
    not_evaluable: int
    not_applicable: int


def score(checks: Iterable[Check]) -> float | None:
    """Return what has been reached, 0 to 100 with one decimal; None if no check applies."""
    return _weigh([(check.points, check.verdict.fraction) for check in checks if _applies(check)])


def achievable(checks: Iterable[Check]) -> float | None:
    """Return the score once everything that could be judged is put right; what could not be judged stays at nothing."""
    reached = [
        (check.points, 0.0 if check.verdict.status == "not_evaluable" else 1.0) for check in checks if _applies(check)
    ]
    return _weigh(reached)


def by_category(checks: Sequence[Check]) -> tuple[CategoryScore, ...]:
    """Return the score of every category, by name."""
    names = sorted({check.rule.category for check in checks})
    return tuple(_category(name, [check for check in checks if check.rule.category == name]) for name in names)


def ranked(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks with their ranks, best first, those with nothing left to do behind them; ties go by id."""
    ordered = sorted(checks, key=lambda check: (-_gain(check), check.rule.id))
    return tuple(
        Check(check.rule, check.verdict, position if _gain(check) else None)
        for position, check in enumerate(ordered, start=1)
    )


def _applies(check: Check) -> bool:
    return check.verdict.status != "not_applicable"


def _gain(check: Check) -> float:
    """Return the points left, divided by one plus the effort of those who set it and those who live with it."""
    if not _applies(check):
        return 0.0
    effort = _EFFORTS[check.rule.cost] + _EFFORTS[check.rule.user_impact]
    return check.points * (1 - check.verdict.fraction) / (1 + effort)


def _weigh(parts: Sequence[tuple[int, float]]) -> float | None:
    possible = sum(points for points, _ in parts)
    if not possible:
        return None
    reached = round(100 * sum(points * fraction for points, fraction in parts) / possible, 1)
    # Only the whole is 100: rounding must not hide the last user without a second factor.
    return reached if all(fraction == 1 for _, fraction in parts) else min(reached, 99.9)


def _category(name: str, checks: Sequence[Check]) -> CategoryScore:
    counts = dict.fromkeys(("pass", "partial", "fail", "not_evaluable", "not_applicable"), 0)
    for check in checks:
        counts[check.verdict.status] += 1
    return CategoryScore(
        name,
        score(checks),
        passed=counts["pass"],
        partial=counts["partial"],
        failed=counts["fail"],
        not_evaluable=counts["not_evaluable"],
        not_applicable=counts["not_applicable"],
    )
