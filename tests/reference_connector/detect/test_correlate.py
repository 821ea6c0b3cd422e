"""Sigma correlations against brute force over every combination of events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.detect.attributes import getter
from reference_connector.detect.correlate import Correlator, group_columns
from reference_connector.detect.engine import Detector
from reference_connector.detect.match import Match, rows_of
from reference_connector.detect.watch import Watch
from reference_connector.errors import FixManifest
from reference_connector.manifest.detections import DetectionRule
from tests.reference_connector.detect.judge import PRODUCT, START, a_rule, an_event, judge

_FAILED = a_rule(name="failed", detection={"s": {"status_id": 2}, "condition": "s"})
_PASSED = a_rule(name="passed", detection={"s": {"status_id": 1}, "condition": "s"})


def _correlation(name: str, *rules: str, **content: Any) -> DetectionRule:
    kind = "event_count" if "condition" in content else "temporal_ordered"
    body = {"type": kind, "rules": list(rules), "group-by": ["user.uid"], "timespan": "10s", **content}
    return a_rule(name=name, correlation=body)


_OFTEN = _correlation("often", "failed", condition={"gte": 3})
_THEN = _correlation("then", "often", "passed")
_PAIR = _correlation("pair", "failed", "passed")
_TRIPLE = _correlation("triple", "failed", "passed", "failed")
_RULES = (_FAILED, _PASSED, _OFTEN, _THEN, _PAIR, _TRIPLE)

# (second, user, status) with few values, so that windows, ties and groups collide.
_HISTORIES = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["ada", "bob", None]), st.sampled_from([1, 2])), max_size=24
)
History = Sequence[tuple[int, str | None, int]]


def _correlate(history: History, name: str) -> list[Match]:
    columns = [getter(path) for path in group_columns(_RULES)]
    watches = {rule.name: Watch(rule, columns) for rule in (_FAILED, _PASSED)}
    for position, (second, user, status) in enumerate(history):
        event = an_event(at=second, **{"user.uid": user, "status_id": status})
        for watch in watches.values():
            watch.see(event, position)
    return Correlator(_RULES, watches).matches(name)


def _completions(matches: Sequence[Match]) -> set[int]:
    return {match.last_row[1] for match in matches}


def _before(history: History, one: int, other: int) -> bool:
    return (history[one][0], one) < (history[other][0], other)


def _naive_count(history: History, at_least: int) -> set[int]:
    """Positions of failures that have enough failures of the same user in the ten seconds up to them."""
    ends = set()
    for end, (second, user, status) in enumerate(history):
        window = [
            index
            for index, (at, who, how) in enumerate(history)
            if who == user and how == 2 and second - 10 <= at and not _before(history, end, index)
        ]
        if status == 2 and user is not None and len(window) >= at_least:
            ends.add(end)
    return ends


def _naive_order(history: History, steps: Sequence[set[int]]) -> set[int]:
    """Positions that end a chain: one event for each step, in order, of one user, within ten seconds."""
    chains = [[position] for position in steps[0]]
    for step in steps[1:]:
        chains = [[*chain, position] for chain in chains for position in step if _before(history, chain[-1], position)]
    return {
        chain[-1]
        for chain in chains
        if len({history[position][1] for position in chain}) == 1 and history[chain[-1]][0] - history[chain[0]][0] <= 10
    }


def _with_status(history: History, status: int) -> set[int]:
    return {index for index, (_, user, how) in enumerate(history) if how == status and user is not None}


@given(_HISTORIES)
def test_event_count_finds_what_brute_force_finds(history: History) -> None:
    assert _completions(_correlate(history, "often")) == _naive_count(history, 3)


@given(_HISTORIES)
def test_temporal_ordered_finds_what_brute_force_finds(history: History) -> None:
    failed, passed = _with_status(history, 2), _with_status(history, 1)
    assert _completions(_correlate(history, "pair")) == _naive_order(history, [failed, passed])
    assert _completions(_correlate(history, "triple")) == _naive_order(history, [failed, passed, failed])


@given(_HISTORIES)
def test_chained_correlations_find_what_brute_force_finds(history: History) -> None:
    """Many failures, then a success: an event_count inside a temporal_ordered."""
    expected = _naive_order(history, [_naive_count(history, 3), _with_status(history, 1)])
    assert _completions(_correlate(history, "then")) == expected


@given(_HISTORIES, st.randoms(use_true_random=False))
def test_order_of_delivery_does_not_matter(history: History, random: Any) -> None:
    unique = list({(second, user): (second, user, status) for second, user, status in history}.values())
    shuffled = random.sample(unique, len(unique))
    times = [sorted(match.time for match in _correlate(one, "then")) for one in (unique, shuffled)]
    assert times[0] == times[1]


def test_evidence_holds_every_event_of_the_chain() -> None:
    history = [(second, "ada", 2) for second in range(5)] + [(6, "ada", 1)]
    (match,) = _correlate(history, "then")
    assert [row[1] for row in rows_of([match])] == [0, 1, 2, 3, 4, 5]


def test_evidence_of_a_flood_names_each_event_once() -> None:
    history = [(0, "ada", 2)] * 2_000
    assert len(rows_of(_correlate(history, "often"))) == 2_000


def test_correlated_rules_alert_only_when_asked_to(tmp_path: Path) -> None:
    """Sigma's `generate`."""
    events = [an_event(1, status_id=2), an_event(2, at=1)]
    silent = judge(tmp_path, [_FAILED, _PASSED, _PAIR], events)
    loud = judge(tmp_path, [_FAILED, _PASSED, _correlation("pair", "failed", "passed", generate=True)], events)
    assert [alert.rule.uid for alert in silent.alerts] == ["pair"]
    assert sorted(alert.rule.uid for alert in loud.alerts) == ["failed", "pair", "passed"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([_FAILED, _FAILED], "already called 'failed'"),
        ([_FAILED, _PAIR], "no rule 'passed'"),
        ([_correlation("one", "two", "two"), _correlation("two", "one", "one")], "leads back"),
    ],
)
def test_detector_refuses_rules_that_contradict_one_another(rules: list[DetectionRule], message: str) -> None:
    with pytest.raises(FixManifest, match=message):
        Detector(rules, PRODUCT)


def test_alert_is_dated_by_the_event_that_completed_it(tmp_path: Path) -> None:
    events = [an_event(1, status_id=2), an_event(2, at=4)]
    (alert,) = judge(tmp_path, [_FAILED, _PASSED, _PAIR], events).alerts
    assert alert.time == START + 4_000
