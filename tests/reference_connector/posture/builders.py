"""Posture rules with sensible defaults, built through the schema that manifests go through."""

from __future__ import annotations

from typing import Any

from reference_connector.manifest.posture import PostureRule, PostureRuleSchema
from reference_connector.posture.rule import Verdict
from reference_connector.posture.score import Check


def a_rule(**changes: Any) -> PostureRule:
    """Return a rule about one setting, unless `query` is among the changes."""
    rule: PostureRule = PostureRuleSchema().load(a_document(**changes))
    return rule


def a_document(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": "mfa-enforced",
        "title": "Everyone needs a second factor",
        "category": "identity",
        "severity": "critical",
        "rationale": "Passwords are guessed.",
        "risk": "An account is lost.",
        "setting": "identity.mfa.enforcement",
        "evaluator": "eq",
        "expected": "all",
        "remediation": {"ui": "Set it to everyone."},
        "mappings": {"cis": ["6.3"], "attack": ["T1078.004"], "attack_version": "18.1"},
        "user_impact": "low",
        "cost": "low",
        "examples": {"pass": ["all"], "fail": ["optional"]},
        **changes,
    }
    if "query" in changes and "setting" not in changes:
        del document["setting"]
    return document


def a_check(fraction: float = 1.0, **changes: Any) -> Check:
    """Return a check that reached `fraction`; `status` overrides the status that follows from it."""
    status = changes.pop("status", "pass" if fraction == 1 else "partial" if fraction else "fail")
    return Check(a_rule(**changes), Verdict(status, fraction, "something"))
