"""The score, by its properties."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from reference_connector.posture.score import Check, achievable, by_category, ranked, score
from tests.reference_connector.posture.builders import a_check

SEVERITIES = ("critical", "high", "medium", "low")

# Built once: hypothesis draws from these instead of loading a schema for each example.
CHECKS = [
    a_check(fraction / 4, id=f"rule-{severity}-{fraction}", severity=severity, category=category)
    for severity in SEVERITIES
    for fraction in range(5)
    for category in ("identity", "data")
]
UNKNOWN = [a_check(0.0, status="not_evaluable", severity=severity) for severity in SEVERITIES]
INAPPLICABLE = [a_check(0.0, status="not_applicable", severity=severity) for severity in SEVERITIES]

some_checks = st.lists(st.sampled_from(CHECKS + UNKNOWN), min_size=1, max_size=12)


def at(checks: Sequence[Check], position: int, other: Check) -> list[Check]:
    return [*checks[:position], other, *checks[position + 1 :]]


def in_full(check: Check) -> Check:
    return next(each for each in CHECKS if each.rule.severity == check.rule.severity and each.verdict.fraction == 1)


@given(some_checks, st.data())
def test_score_never_falls_when_a_check_improves(checks: list[Check], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(checks) - 1))
    before, after = score(checks), score(at(checks, position, in_full(checks[position])))
    assert before is not None and after is not None
    assert after >= before


@given(some_checks, st.randoms())
def test_score_does_not_depend_on_the_order(checks: list[Check], random: object) -> None:
    shuffled = list(checks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled) == score(checks)


@given(some_checks, st.lists(st.sampled_from(INAPPLICABLE), max_size=4))
def test_score_is_not_moved_by_what_does_not_apply(checks: list[Check], others: list[Check]) -> None:
    assert score(checks + others) == score(checks)


@given(some_checks)
def test_score_is_100_only_when_everything_passes(checks: list[Check]) -> None:
    assert (score(checks) == 100) == all(check.verdict.fraction == 1 for check in checks)


@given(some_checks)
def test_score_lies_between_nothing_and_what_is_achievable(checks: list[Check]) -> None:
    reached, possible = score(checks), achievable(checks)
    assert reached is not None and possible is not None
    assert 0 <= reached <= possible <= 100


def test_score_is_zero_when_everything_fails() -> None:
    assert score([a_check(0.0, severity=severity) for severity in SEVERITIES]) == 0


def test_score_weighs_by_severity() -> None:
    """100 · (10·1 + 7·0.5) ⁄ (10 + 7 + 4 + 2)."""
    fractions = {"critical": 1.0, "high": 0.5, "medium": 0.0, "low": 0.0}
    checks = [a_check(fraction, severity=severity) for severity, fraction in fractions.items()]
    assert score(checks) == 58.7


def test_score_is_unknown_when_nothing_applies() -> None:
    assert score(INAPPLICABLE) is None
    assert achievable([]) is None


def test_score_does_not_round_the_last_user_away() -> None:
    assert score([a_check(0.9999)] + [a_check()] * 20) == 99.9


def test_not_evaluable_cannot_be_achieved() -> None:
    """What could not be judged earns nothing, now or later."""
    checks = [a_check(0.0), a_check(0.0, status="not_evaluable")]
    assert score(checks) == 0
    assert achievable(checks) == 50


def test_categories_have_their_own_score_and_counts() -> None:
    checks = [
        a_check(1.0, category="data"),
        a_check(0.5, category="data"),
        a_check(0.0, category="apps", status="not_evaluable"),
    ]
    apps, data = by_category(checks)
    assert (data.name, data.score, data.passed, data.partial, data.failed) == ("data", 75.0, 1, 1, 0)
    assert (apps.name, apps.score, apps.not_evaluable) == ("apps", 0.0, 1)


def test_rank_puts_much_gain_for_little_effort_first() -> None:
    checks = [
        a_check(1.0, id="done"),
        a_check(0.0, id="elsewhere", status="not_applicable"),
        a_check(0.0, id="dear", severity="critical", cost="high", user_impact="high"),
        a_check(0.0, id="cheap", severity="medium"),
        a_check(0.0, id="best", severity="critical"),
    ]
    assert [(check.rule.id, check.rank) for check in ranked(checks)] == [
        ("best", 1),
        ("cheap", 2),
        ("dear", 3),
        ("done", None),
        ("elsewhere", None),
    ]
