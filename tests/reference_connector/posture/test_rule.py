"""One rule, one verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reference_connector.posture.rule import EVIDENCE_LIMIT, expectation, judge_query, judge_setting
from tests.reference_connector.posture.builders import a_rule

NOW = datetime(2026, 9, 1, tzinfo=UTC)
PEOPLE = {"stream": "users", "where": {"type": "human"}, "matching": {"mfa.enrolled": True}}


def people(enrolled: int, others: int) -> dict[str, dict[str, Any]]:
    records = [{"type": "human", "mfa": {"enrolled": True}}] * enrolled + [{"type": "human", "mfa": None}] * others
    return {f"usr_{number}": record for number, record in enumerate(records)}


@pytest.mark.parametrize(
    ("evaluator", "expected", "passing", "failing"),
    [
        ("eq", "all", "all", "admins"),
        ("eq", True, True, False),
        ("eq", None, None, "somebody"),
        ("one_of", ["off", "allowlist"], "off", "anyone"),
        ("gte", 14, 14, 13),
        ("lte", 60, 60, 61),
        ("between", {"minimum": 1, "maximum": 30}, 1, 0),
        ("between", {"minimum": 1, "maximum": 30}, 30, 31),
        ("contains_none", ["sms", "voice"], ["totp"], ["totp", "sms"]),
        ("contains_all", ["implicit", "password"], ["password", "implicit", "x"], ["implicit"]),
        ("contains_only", ["administrator"], [], ["administrator", "member"]),
        ("is_set", True, "security@acme.example", None),
        ("is_set", True, ["203.0.113.0/24"], []),
    ],
)
def test_setting_is_judged_by_its_evaluator(evaluator: str, expected: Any, passing: Any, failing: Any) -> None:
    rule = a_rule(evaluator=evaluator, expected=expected)
    assert judge_setting(rule, {"value": passing}, "a.setting").status == "pass"
    assert judge_setting(rule, {"value": failing}, "a.setting").status == "fail"


@pytest.mark.parametrize(("expected", "value"), [(True, 1), (1, True), (False, 0), (0, False)])
def test_setting_distinguishes_truth_from_numbers_when_compared(expected: Any, value: Any) -> None:
    assert judge_setting(a_rule(expected=expected), {"value": value}, "a.setting").status == "fail"


@pytest.mark.parametrize(
    ("evaluator", "expected", "record"),
    [
        ("gte", 14, {"value": "14"}),
        ("gte", 14, {"value": True}),
        ("gte", 14, {"value": None}),
        ("between", {"minimum": 1, "maximum": 30}, {"value": [20]}),
        ("contains_none", ["sms"], {"value": "totp"}),
        ("contains_all", ["sms"], {"value": "sms"}),
        ("contains_only", ["sms"], {"value": None}),
        ("is_set", True, {"value": 7}),
        ("eq", "all", {"key": "a.setting"}),
        ("eq", None, None),
    ],
)
def test_setting_is_not_evaluable_when_it_is_absent_or_of_another_kind(
    evaluator: str, expected: Any, record: dict[str, Any] | None
) -> None:
    """A gap in the data never looks like a pass."""
    verdict = judge_setting(a_rule(evaluator=evaluator, expected=expected), record, "a.setting")
    assert (verdict.status, verdict.fraction) == ("not_evaluable", 0.0)


def test_setting_verdict_shows_what_was_read() -> None:
    verdict = judge_setting(a_rule(), {"key": "a.setting", "value": "admins"}, "a.setting")
    fact = verdict.evidence[0]
    assert (fact.stream, fact.id, fact.path, fact.value) == ("configuration", "a.setting", "value", "admins")


@pytest.mark.parametrize(
    ("enrolled", "others", "status", "fraction"),
    [(4, 0, "pass", 1.0), (3, 1, "partial", 0.75), (0, 4, "fail", 0.0), (0, 0, "not_applicable", 0.0)],
)
def test_ratio_earns_its_share(enrolled: int, others: int, status: str, fraction: float) -> None:
    rule = a_rule(query=PEOPLE, evaluator="ratio", expected=1.0)
    records = people(enrolled, others) | {"usr_bot": {"type": "service", "mfa": None}}
    verdict = judge_query(rule, records, NOW)
    assert (verdict.status, verdict.fraction) == (status, fraction)


def test_ratio_below_one_is_measured_against_what_is_expected() -> None:
    rule = a_rule(query=PEOPLE, evaluator="ratio", expected=0.8)
    assert judge_query(rule, people(8, 2), NOW).status == "pass"
    assert judge_query(rule, people(4, 6), NOW).fraction == pytest.approx(0.5)


def test_ratio_never_looks_whole_when_one_is_missing() -> None:
    verdict = judge_query(a_rule(query=PEOPLE, evaluator="ratio", expected=1.0), people(999, 1), NOW)
    assert verdict.actual == "999 of 1,000 (99%)"


def test_ratio_names_those_that_fall_short_and_counts_the_rest() -> None:
    verdict = judge_query(a_rule(query=PEOPLE, evaluator="ratio", expected=1.0), people(1, EVIDENCE_LIMIT + 7), NOW)
    assert len(verdict.evidence) == EVIDENCE_LIMIT
    assert verdict.shortfall == EVIDENCE_LIMIT + 7
    assert verdict.evidence[0].id == "usr_1"


@pytest.mark.parametrize(
    ("count", "status", "shortfall"), [(1, "fail", 1), (2, "pass", 0), (4, "pass", 0), (7, "fail", 3)]
)
def test_count_must_lie_between_both_ends(count: int, status: str, shortfall: int) -> None:
    query = {"stream": "users", "where": {"roles": {"contains": "administrator"}}}
    rule = a_rule(query=query, evaluator="count", expected={"minimum": 2, "maximum": 4})
    records = {f"usr_{number}": {"roles": ["member", "administrator"]} for number in range(count)}
    verdict = judge_query(rule, records | {"usr_x": {"roles": ["member"]}, "usr_y": {}}, NOW)
    assert (verdict.status, verdict.shortfall) == (status, shortfall)


def test_query_is_not_evaluable_when_the_stream_is_empty() -> None:
    """Nobody listed is a broken listing, not a company without people."""
    rule = a_rule(query={"stream": "users"}, evaluator="count", expected={"minimum": 0, "maximum": 4})
    assert judge_query(rule, {}, NOW).status == "not_evaluable"


def test_query_that_may_be_empty_takes_nothing_for_an_answer() -> None:
    query = {"stream": "grants", "may_be_empty": True}
    none = a_rule(query=query, evaluator="count", expected={"minimum": 0, "maximum": 0})
    share = a_rule(query={**query, "matching": {"is_used": True}}, evaluator="ratio", expected=1.0)
    assert (judge_query(none, {}, NOW).status, judge_query(share, {}, NOW).status) == ("pass", "not_applicable")


def test_condition_one_of_accepts_any_of_the_values() -> None:
    query = {"stream": "users", "where": {"status": {"one_of": ["active", "staged"]}}}
    rule = a_rule(query=query, evaluator="count", expected={"minimum": 2, "maximum": 2})
    records = {status: {"status": status} for status in ("active", "staged", "deleted")}
    assert judge_query(rule, records, NOW).status == "pass"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expected": True}, "on"),
        ({"evaluator": "one_of", "expected": ["off", "allowlist"]}, "one of off, allowlist"),
        ({"evaluator": "gte", "expected": 14}, "at least 14"),
        ({"evaluator": "lte", "expected": 60}, "at most 60"),
        ({"evaluator": "between", "expected": {"minimum": 1, "maximum": 30}}, "1 to 30"),
        ({"evaluator": "contains_none", "expected": ["sms"]}, "none of sms"),
        ({"evaluator": "ratio", "expected": 1.0, "query": PEOPLE}, "100%"),
    ],
)
def test_expectation_is_in_words(changes: dict[str, Any], words: str) -> None:
    assert expectation(a_rule(**changes)) == words
