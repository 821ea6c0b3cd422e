"""One rule judged on what the vendor's records say: a verdict with a fraction, in words, and with its evidence.

Whatever keeps a rule from being judged (no such stream or setting, a value of another kind than the evaluator reads) is
`not_evaluable`: a gap in the data must never look like a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from reference_connector.findings import Status
from reference_connector.manifest.posture import PostureRule, Query, is_number
from reference_connector.manifest.posture_query import Condition
from reference_connector.posture.matching import Record, contains, contains_none, holds, is_same, reach

# A setting is the record of this stream whose primary key is the setting's name; its value stands under `value`.
SETTINGS_STREAM = "configuration"
SETTING_VALUE = "value"
# Evidence names so many of the records that fall short; the verdict tells how many there are.
EVIDENCE_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that was read: from which record of which stream, where in it, and who that is, for people."""

    stream: str
    id: str
    path: str
    value: Any
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a rule: `fraction` is 1 for a pass, 0 for a fail, between for a share; `actual` is in words.

    `evidence` holds what was read: the setting, or the records that fall short, of which there are `shortfall`.
    """

    status: Status
    fraction: float
    actual: str
    evidence: tuple[Fact, ...] = ()
    shortfall: int = 0


def judge_setting(rule: PostureRule, record: Record | None, key: str) -> Verdict:
    """Judge a rule on the record of its setting, or on None if the vendor has no such setting; `key` names it."""
    if record is None:
        return not_evaluable(f"the vendor's answer has no setting {key}")
    if SETTING_VALUE not in record:
        return not_evaluable(f"the setting {key} has no value")
    value = record[SETTING_VALUE]
    fact = Fact(SETTINGS_STREAM, key, SETTING_VALUE, value)
    if not _READS[rule.evaluator](value):
        return not_evaluable(f"{phrase(value)} cannot be judged by {rule.evaluator}", fact)
    if _HOLDS[rule.evaluator](value, rule.expected):
        return Verdict("pass", 1.0, phrase(value), (fact,))
    return Verdict("fail", 0.0, phrase(value), (fact,), shortfall=1)


def judge_query(rule: PostureRule, records: Mapping[str, Record], now: datetime) -> Verdict:
    """Judge a rule on all the records, by id, of its query's stream; `now` is what time it is for the vendor."""
    assert rule.query is not None
    if not records and not rule.query.may_be_empty:
        return not_evaluable(f"{rule.query.stream} holds no record")
    population = {uid: record for uid, record in records.items() if holds(rule.query.where, record, now)}
    if rule.evaluator == "count":
        return _judge_count(rule, rule.query, population)
    short = {uid: record for uid, record in population.items() if not holds(rule.query.matching, record, now)}
    return _judge_ratio(rule, rule.query, population, short)


def not_evaluable(why: str, *facts: Fact) -> Verdict:
    """Return the verdict for what could not be judged; it earns nothing."""
    return Verdict("not_evaluable", 0.0, why, facts)


def expectation(rule: PostureRule) -> str:
    """Return what a rule expects, in words."""
    return _EXPECTATIONS[rule.evaluator](rule.expected)


def phrase(value: Any) -> str:
    """Return a value of a record in words."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ", ".join(map(phrase, value)) or "none"
    return str(value)


def _judge_count(rule: PostureRule, query: Query, population: Mapping[str, Record]) -> Verdict:
    count, least, most = len(population), rule.expected["minimum"], rule.expected["maximum"]
    facts = _facts(query.stream, query.where, population)
    if least <= count <= most:
        return Verdict("pass", 1.0, f"{count:,}", facts)
    return Verdict("fail", 0.0, f"{count:,}", facts, shortfall=max(least - count, count - most))


def _judge_ratio(
    rule: PostureRule, query: Query, population: Mapping[str, Record], short: Mapping[str, Record]
) -> Verdict:
    if not population:
        return Verdict("not_applicable", 0.0, f"no record of {query.stream} is concerned")
    matching = len(population) - len(short)
    share = matching / len(population)
    # Rounded down, so that a shortfall never looks whole.
    actual = f"{matching:,} of {len(population):,} ({matching * 100 // len(population)}%)"
    facts = _facts(query.stream, query.matching, short)
    if share >= rule.expected:
        return Verdict("pass", 1.0, actual, facts, shortfall=len(short))
    return Verdict("partial" if matching else "fail", share / rule.expected, actual, facts, shortfall=len(short))


def _facts(stream: str, conditions: Sequence[Condition], records: Mapping[str, Record]) -> tuple[Fact, ...]:
    """Return the evidence of records: for each, what stands at the path of the last condition."""
    path = conditions[-1].path if conditions else ()
    return tuple(
        Fact(stream, uid, ".".join(path), reach(record, path) if path else None, _name(record))
        for uid, record in islice(records.items(), EVIDENCE_LIMIT)
    )


def _name(record: Record) -> str | None:
    """Return what people call a record, if it says so."""
    return next((record[key] for key in ("email", "name") if isinstance(record.get(key), str)), None)


_READS: dict[str, Callable[[Any], bool]] = {
    "eq": lambda value: True,
    "one_of": lambda value: True,
    "gte": is_number,
    "lte": is_number,
    "between": is_number,
    "contains_none": lambda value: isinstance(value, list),
    "contains_all": lambda value: isinstance(value, list),
    "contains_only": lambda value: isinstance(value, list),
    "is_set": lambda value: value is None or isinstance(value, str | list),
}
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": is_same,
    "one_of": lambda value, wanted: contains(wanted, value),
    "gte": lambda value, wanted: bool(value >= wanted),
    "lte": lambda value, wanted: bool(value <= wanted),
    "between": lambda value, wanted: bool(wanted["minimum"] <= value <= wanted["maximum"]),
    "contains_none": contains_none,
    "contains_all": lambda value, wanted: all(contains(value, item) for item in wanted),
    "contains_only": lambda value, wanted: all(contains(wanted, item) for item in value),
    "is_set": lambda value, _: bool(value),
}
_EXPECTATIONS: dict[str, Callable[[Any], str]] = {
    "eq": phrase,
    "one_of": lambda wanted: f"one of {phrase(wanted)}",
    "gte": lambda wanted: f"at least {wanted}",
    "lte": lambda wanted: f"at most {wanted}",
    "between": lambda wanted: f"{wanted['minimum']} to {wanted['maximum']}",
    "contains_none": lambda wanted: f"none of {phrase(wanted)}",
    "contains_all": lambda wanted: f"all of {phrase(wanted)}",
    "contains_only": lambda wanted: f"nothing but {phrase(wanted)}",
    "is_set": lambda _: "set",
    "count": lambda wanted: f"{wanted['minimum']} to {wanted['maximum']}",
    "ratio": lambda wanted: f"{wanted:.0%}",
}
