"""posture.json as the page shows it: the score, its categories, and every check in the order to put them right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import fields, post_load, validate

from reference_connector.report.sources import SEVERITIES, Known, count, load, percent, read_document

ATTENTION = ("fail", "partial", "not_evaluable")


@dataclass(frozen=True, slots=True)
class Category:
    """A part of the posture; `score` is None if nothing in it applies."""

    name: str
    score: float | None
    passed: int
    partial: int
    failed: int
    not_evaluable: int

    @property
    def counted(self) -> int:
        return self.passed + self.partial + self.failed + self.not_evaluable


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that a check was judged on, and the record it was read from."""

    stream: str
    id: str
    path: str
    value: Any
    name: str | None


@dataclass(frozen=True, slots=True)
class ApiCall:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Check:
    """One posture check. `score` is the fraction that is met, `gain` the share of the whole score that is left to win."""

    id: str
    title: str
    category: str
    severity: str
    status: str
    score: float
    points: float
    expected: str
    actual: str
    evidence: tuple[Fact, ...]
    rationale: str
    risk: str
    ui: str
    api: ApiCall | None
    requirements: tuple[tuple[str, tuple[str, ...]], ...]
    rank: int | None


@dataclass(frozen=True, slots=True)
class Posture:
    """posture.json; `checks` are in the order in which to put them right."""

    score: float | None
    achievable: float | None
    assessed_at: datetime
    categories: tuple[Category, ...]
    checks: tuple[Check, ...]

    @property
    def attention(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status in ATTENTION)

    @property
    def passed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status == "pass")

    @property
    def others(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status not in (*ATTENTION, "pass"))

    @property
    def counted(self) -> int:
        return len(self.attention) + len(self.passed)

    def gain(self, check: Check) -> float:
        """Return by how many points of 100 the score would rise if this check passed."""
        points = sum(each.points for each in self.checks if each.status in (*ATTENTION, "pass"))
        return 100 * check.points * (1 - check.score) / points if points else 0.0


def read_posture(path: Path) -> Posture | None:
    """Read posture.json."""
    document = read_document(path)
    if document is None:
        return None
    posture: Posture = load(_PostureSchema(), document, str(path))
    return posture


class _CategorySchema(Known):
    name = fields.String(required=True)
    score = percent()
    passed = count()
    partly = count(data_key="partial", required=False, load_default=0)
    failed = count()
    not_evaluable = count()

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Category:
        return Category(partial=data.pop("partly"), **data)


class _FactSchema(Known):
    stream = fields.String(required=True)
    id = fields.String(required=True)
    path = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    name = fields.String(load_default=None, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Fact:
        return Fact(**data)


class _ApiSchema(Known):
    method = fields.String(required=True)
    path = fields.String(required=True)
    headers = fields.Dict(fields.String(), fields.String(), load_default=dict)
    body = fields.Raw(load_default=None, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> ApiCall:
        return ApiCall(**data)


class _RemediationSchema(Known):
    ui = fields.String(required=True)
    api = fields.Nested(_ApiSchema, load_default=None, allow_none=True)


class _MappingsSchema(Known):
    sscf = fields.List(fields.String(), load_default=list)
    cis = fields.List(fields.String(), load_default=list)
    nist = fields.List(fields.String(), load_default=list)
    iso = fields.List(fields.String(), load_default=list)
    attack = fields.List(fields.String(), load_default=list)


_STANDARDS = {"sscf": "CSA SSCF", "cis": "CIS", "nist": "NIST 800-53", "iso": "ISO 27001", "attack": "ATT&CK"}


class _CheckSchema(Known):
    id = fields.String(required=True)
    title = fields.String(required=True)
    category = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(SEVERITIES))
    status = fields.String(required=True)
    score = fields.Float(required=True, validate=validate.Range(0, 1))
    points = fields.Float(required=True, validate=validate.Range(min=0))
    expected = fields.String(required=True)
    actual = fields.String(required=True)
    evidence = fields.List(fields.Nested(_FactSchema), required=True)
    rationale = fields.String(required=True)
    risk = fields.String(required=True)
    remediation = fields.Nested(_RemediationSchema, required=True)
    mappings = fields.Nested(_MappingsSchema, required=True)
    rank = fields.Integer(strict=True, required=True, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Check:
        remediation, mappings = data.pop("remediation"), data.pop("mappings")
        named = tuple((name, tuple(mappings[key])) for key, name in _STANDARDS.items() if mappings[key])
        facts = tuple(data.pop("evidence"))
        return Check(ui=remediation["ui"], api=remediation["api"], requirements=named, evidence=facts, **data)


class _PostureSchema(Known):
    score = percent()
    achievable = percent()
    assessed_at = fields.AwareDateTime(required=True)
    categories = fields.List(fields.Nested(_CategorySchema), required=True)
    checks = fields.List(fields.Nested(_CheckSchema), required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Posture:
        return Posture(**{**data, "categories": tuple(data["categories"]), "checks": tuple(data["checks"])})
