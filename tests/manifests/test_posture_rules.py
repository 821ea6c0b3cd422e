"""The sandbox's posture rules do what their examples say, and together make a sound score."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_connector.manifest.document import read_document
from reference_connector.manifest.loader import load as load_manifest
from reference_connector.manifest.posture import PostureRule, PostureRuleSchema
from reference_connector.posture.rule import Verdict, judge_query, judge_setting
from reference_connector.posture.score import Check, score
from seed.configuration import MISCONFIGURATIONS
from seed.dataset import Misconfiguration

FOLDER = Path(__file__).parents[2] / "manifests" / "sandbox" / "posture"
FILES = sorted(FOLDER.glob("*.yaml"))
MEASURED = {"sso-certificate-valid"}
"""Rules about a value that follows from something else, so that no request about the setting puts it right."""
AS_OF = datetime(2026, 9, 1, tzinfo=UTC)


def load(file: Path) -> PostureRule:
    rule: PostureRule = PostureRuleSchema().load(read_document(file).plain())  # type: ignore[arg-type]
    return rule


RULES = [load(file) for file in FILES]


def judge(rule: PostureRule, example: Any) -> Verdict:
    if rule.setting is not None:
        return judge_setting(rule, {"key": rule.setting, "value": example}, rule.setting)
    return judge_query(rule, {record["id"]: record for record in example}, AS_OF)


def examples() -> Iterator[Any]:
    for rule in RULES:
        for passing in rule.examples.passing:
            yield pytest.param(rule, passing, True, id=f"{rule.id}-passes-{passing}"[:60])
        for failing in rule.examples.failing:
            yield pytest.param(rule, failing, False, id=f"{rule.id}-fails-{failing}"[:60])


@pytest.mark.parametrize(("rule", "example", "passes"), list(examples()))
def test_rule_agrees_with_its_examples(rule: PostureRule, example: Any, *, passes: bool) -> None:
    verdict = judge(rule, example)
    assert verdict.status in (("pass",) if passes else ("fail", "partial"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rule_is_named_like_its_file(file: Path) -> None:
    assert load(file).id == file.stem


def test_manifest_names_every_rule_once() -> None:
    named = [rule.id for rule in load_manifest(FOLDER.parent).posture]
    assert sorted(named) == [file.stem for file in FILES]


@pytest.mark.parametrize("planted", MISCONFIGURATIONS, ids=lambda planted: planted.check_id)
def test_rule_finds_the_misconfiguration_planted_for_it(planted: Misconfiguration) -> None:
    """What the seeded company leaves weak on purpose is found, and found mended once it is."""
    rule = next(rule for rule in RULES if rule.id == planted.check_id)
    assert rule.setting == planted.key
    assert (judge(rule, planted.value).status, judge(rule, planted.expected).status) == ("fail", "pass")


CHANGEABLE = [rule for rule in RULES if rule.setting and rule.id not in MEASURED]


@pytest.mark.parametrize("rule", CHANGEABLE, ids=lambda rule: rule.id)
def test_remediation_sets_the_setting_to_a_value_that_passes(rule: PostureRule) -> None:
    """The request that a rule proposes is about its own setting and makes it pass."""
    call = rule.remediation.api
    assert call is not None
    assert (call.method, call.path) == ("PATCH", f"/v1/configuration/{rule.setting}")
    assert judge(rule, call.body["value"]).status == "pass"


def checks(choices: list[int]) -> list[Check]:
    """Return the checks of a tenant where rule number n meets example number `choices[n]`, passing ones last."""
    chosen = []
    for rule, choice in zip(RULES, choices, strict=True):
        all_examples = [*rule.examples.failing, *rule.examples.passing]
        chosen.append(Check(rule, judge(rule, all_examples[choice % len(all_examples)])))
    return chosen


@given(st.lists(st.integers(0, 5), min_size=len(RULES), max_size=len(RULES)), st.integers(0, len(RULES) - 1))
def test_score_never_falls_when_one_setting_is_put_right(choices: list[int], position: int) -> None:
    before = checks(choices)
    rule = RULES[position]
    after = [*before]
    after[position] = Check(rule, judge(rule, rule.examples.passing[0]))
    worse, better = score(before), score(after)
    assert worse is not None and better is not None
    assert better >= worse


def test_score_is_100_when_every_setting_is_best() -> None:
    assert score(checks([-1] * len(RULES))) == 100


def test_score_is_0_when_every_setting_is_worst() -> None:
    worst = [
        min((judge(rule, example) for example in rule.examples.failing), key=lambda v: v.fraction) for rule in RULES
    ]
    assert score(map(Check, RULES, worst)) == 0
