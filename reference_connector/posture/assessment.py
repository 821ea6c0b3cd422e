"""The result of an assessment: as posture.json for reports and scripts, and as findings for a SIEM.

posture.json: score, achievable (0 to 100, null if nothing applies), assessed_at; `categories` [{name, score, passed,
partial, failed, not_evaluable, not_applicable}]; `checks`, best first to put right [{id, title, category, severity,
status, score (0 to 1), points, rank, expected, actual, shortfall, evidence [{stream, id, path, value, name}],
rationale, risk, remediation {ui, api {method, path, headers, body}}, mappings, user_impact, cost}]; `streams`
{name: {records, health}}, what the assessment was made from. Every key is always there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from reference_connector.clock import rfc3339
from reference_connector.findings import (
    Attack,
    Compliance,
    Evidence,
    Finding,
    Product,
    Resource,
    RuleReference,
    Standard,
    finding_uid,
)
from reference_connector.manifest.posture import ApiCall, Mappings, PostureRule
from reference_connector.posture.rule import expectation
from reference_connector.posture.score import Check, achievable, by_category, score

FILE_NAME = "posture.json"


@dataclass(frozen=True, slots=True)
class Source:
    """A stream that checks were judged on: how many records, and its health in the last sync (None: unknown)."""

    records: int
    health: str | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All checks of one tenant at one moment, best first to put right."""

    product: Product
    tenant: str
    assessed_at: datetime
    checks: tuple[Check, ...]
    sources: Mapping[str, Source]

    def summary(self) -> dict[str, Any]:
        """Return what fits on one line."""
        statuses = [check.verdict.status for check in self.checks]
        return {
            "score": score(self.checks),
            "achievable": achievable(self.checks),
            "checks": len(statuses),
            "passed": statuses.count("pass"),
            "partial": statuses.count("partial"),
            "failed": statuses.count("fail"),
            "not_evaluable": statuses.count("not_evaluable"),
        }

    def document(self) -> dict[str, Any]:
        """Return the content of posture.json."""
        return {
            "score": score(self.checks),
            "achievable": achievable(self.checks),
            "assessed_at": rfc3339(self.assessed_at),
            "categories": [asdict(category) for category in by_category(self.checks)],
            "checks": [_check(check) for check in self.checks],
            "streams": {name: asdict(source) for name, source in self.sources.items()},
        }

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for every check that needs attention, those that could not be judged included."""
        for check in self.checks:
            if check.verdict.status not in ("pass", "not_applicable"):
                yield self._finding(check)

    def write(self, out: Path) -> None:
        """Replace posture.json; a reader never sees half of it."""
        aside = out / f"{FILE_NAME}.part"
        aside.write_bytes(orjson.dumps(self.document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        aside.replace(out / FILE_NAME)

    def _finding(self, check: Check) -> Finding:
        rule, verdict = check.rule, check.verdict
        expected = expectation(rule)
        detail = f"expected {expected}, found {verdict.actual}"
        return Finding(
            uid=finding_uid(rule.id, self.tenant),
            rule=RuleReference(rule.id, rule.title, rule.rationale),
            title=rule.title,
            message=f"{rule.title}: {detail}",
            severity=rule.severity,
            time=round(self.assessed_at.timestamp() * 1000),
            about=Compliance(
                category=rule.category,
                status=verdict.status,
                status_detail=detail,
                standards=tuple(_standards(rule.mappings)),
                parameters=(("expected", expected), ("actual", verdict.actual)),
            ),
            product=self.product,
            resources=tuple(Resource(fact.id, fact.stream, fact.name) for fact in verdict.evidence),
            evidences=tuple(
                Evidence(fact.id, fact.stream, {"data": {fact.path: fact.value}}) for fact in verdict.evidence
            ),
            attacks=tuple(Attack(technique, rule.mappings.attack_version) for technique in rule.mappings.attack),
            remediation=rule.remediation.ui,
        )


def _check(check: Check) -> dict[str, Any]:
    rule, verdict = check.rule, check.verdict
    return {
        "id": rule.id,
        "title": rule.title,
        "category": rule.category,
        "severity": rule.severity,
        "status": verdict.status,
        "score": round(verdict.fraction, 4),
        "points": check.points,
        "rank": check.rank,
        "expected": expectation(rule),
        "actual": verdict.actual,
        "shortfall": verdict.shortfall,
        "evidence": [asdict(fact) for fact in verdict.evidence],
        **_explanation(rule),
    }


def _explanation(rule: PostureRule) -> dict[str, Any]:
    """Return what the rule itself says: why, what may happen, how to put it right."""
    return {
        "rationale": rule.rationale,
        "risk": rule.risk,
        "remediation": {"ui": rule.remediation.ui, "api": _api(rule.remediation.api)},
        "mappings": asdict(rule.mappings),
        "user_impact": rule.user_impact,
        "cost": rule.cost,
    }


def _api(call: ApiCall | None) -> dict[str, Any] | None:
    if call is None:
        return None
    return {"method": call.method, "path": call.path, "headers": dict(call.headers), "body": call.body}


def _standards(mappings: Mappings) -> Iterator[Standard]:
    named = {
        "CSA SSCF 1.0": mappings.sscf,
        "CIS Controls 8.1": mappings.cis,
        "NIST SP 800-53 r5": mappings.nist,
        "ISO/IEC 27001:2022": mappings.iso,
    }
    for name, numbers in named.items():
        if numbers:
            yield Standard(name, numbers)
