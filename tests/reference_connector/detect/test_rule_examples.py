"""Every rule of the sandbox's manifest proves itself by the events that it brings along."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from reference_connector.detect.correlate import correlated
from reference_connector.manifest.detection_examples import DetectionExample
from reference_connector.manifest.detections import DetectionRule
from reference_connector.manifest.loader import load
from tests.reference_connector.detect.judge import judge

_MANIFEST = load(Path(__file__).parents[3] / "manifests" / "sandbox")
_RULES = {rule.name: rule for rule in _MANIFEST.detections}
_MATCHING = [(rule, example) for rule in _RULES.values() for example in rule.examples.matching]
_NON_MATCHING = [(rule, example) for rule in _RULES.values() for example in rule.examples.non_matching]


def _name(value: object) -> str:
    return getattr(value, "name", "")


def _with_what_it_needs(rule: DetectionRule) -> list[DetectionRule]:
    inner = [_RULES[name] for name in rule.correlation.rules] if rule.correlation else []
    return [needed for each in inner for needed in _with_what_it_needs(each)] + [rule]


@pytest.mark.parametrize(("rule", "example"), _MATCHING, ids=_name)
def test_rule_alerts_when_the_example_matches(rule: DetectionRule, example: DetectionExample, tmp_path: Path) -> None:
    found = judge(tmp_path, _with_what_it_needs(rule), example.events(), ocsf_class=rule.ocsf_class or "authentication")
    assert [alert.rule.uid for alert in found.alerts] == [rule.name]


@pytest.mark.parametrize(("rule", "example"), _NON_MATCHING, ids=_name)
def test_rule_is_quiet_when_the_example_does_not_match(
    rule: DetectionRule, example: DetectionExample, tmp_path: Path
) -> None:
    found = judge(tmp_path, _with_what_it_needs(rule), example.events(), ocsf_class=rule.ocsf_class or "authentication")
    assert found.alerts == ()
    assert found.events == len(example.events())


def test_manifest_has_six_alerting_rules() -> None:
    """Three Sigma rules, brute force then success, impossible travel, and a token used from two networks."""
    blocks = correlated(_RULES.values())
    assert sorted(set(_RULES) - blocks) == [
        "administrator_role_granted",
        "brute_force_success",
        "impossible_travel",
        "refresh_token_reused",
        "security_control_weakened",
        "token_two_networks",
    ]


@pytest.mark.parametrize("rule", _RULES.values(), ids=_name)
def test_rule_can_be_told_apart_and_acted_upon(rule: DetectionRule) -> None:
    assert uuid.UUID(rule.id).version == 4
    assert rule.techniques
    assert rule.name in correlated(_RULES.values()) or (rule.remediation and len(rule.examples.non_matching) >= 2)


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in _RULES.values()}) == len(_RULES)
