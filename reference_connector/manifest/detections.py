"""One detection rule a file, in the Sigma format 2.0 with OCSF attributes as field names (`taxonomy: ocsf`).

Three kinds: a Sigma rule (`logsource`, `detection`), a Sigma correlation of other rules (`correlation`), and a Sigma rule
whose matching events go on into a detector of ours (`detector`), where a pattern over time is not enough. What Sigma has
no word for (`confidence`, `dedupe`, `message`, `remediation`, `examples`) are custom fields, which the format permits.
https://sigmahq.io/sigma-specification/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from reference_connector.expressions import Template, parse
from reference_connector.manifest.attack_tags import Technique, techniques
from reference_connector.manifest.detection_examples import DetectionExamples, DetectionExamplesSchema, TimespanField
from reference_connector.manifest.detectors import Detector, ImpossibleTravelSchema, PathsField, TokenTwoNetworksSchema
from reference_connector.manifest.fields import Complaint, Component, StrictSchema, TemplateField, nearest
from reference_connector.manifest.sigma_syntax import Detection, DetectionField

Level = Literal["informational", "low", "medium", "high", "critical"]

LEVELS: tuple[Level, ...] = ("informational", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Correlation:
    """A Sigma correlation; `at_least` is the count of an event_count, None for temporal_ordered."""

    type: Literal["event_count", "temporal_ordered"]
    rules: tuple[str, ...]
    group_by: tuple[tuple[str, ...], ...]
    timespan: timedelta
    at_least: int | None
    is_generating: bool


@dataclass(frozen=True, slots=True)
class AlertDedupe:
    """Matches with the same values at `by`, each within `within` of the one before, are one alert.

    `by` are attributes of which each is a choice of paths: the first that an event has counts.
    """

    by: tuple[tuple[tuple[str, ...], ...], ...]
    within: timedelta


@dataclass(frozen=True, slots=True)
class DetectionRule:
    """A rule; `name` is what alerts and correlations call it, `ocsf_class` the only class it looks at, if it has one."""

    name: str
    id: str
    title: str
    description: str
    status: str
    level: Level
    confidence: Literal["low", "medium", "high"]
    techniques: tuple[Technique, ...]
    attack_version: str
    ocsf_class: str | None
    detection: Detection | None
    correlation: Correlation | None
    detector: Detector | None
    dedupe: AlertDedupe
    message: Template
    remediation: str | None
    examples: DetectionExamples


class LogsourceSchema(StrictSchema):
    product = fields.String(required=True, validate=validate.Equal("ocsf"))
    category = fields.String(
        validate=validate.Regexp(r"^[a-z][a-z_]*$", error="must be an OCSF class such as authentication")
    )
    definition = fields.String()


class CorrelationConditionSchema(StrictSchema):
    unsupported = frozenset({"lt", "lte", "eq", "field"})

    gt = fields.Integer(strict=True, validate=validate.Range(min=0))
    gte = fields.Integer(strict=True, validate=validate.Range(min=1))

    @validates_schema
    def _one(self, data: dict[str, Any], **_: object) -> None:
        if len(data) != 1:
            raise ValidationError(Complaint("needs exactly one of gt and gte", code="correlation"))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> int:
        return int(data["gte"] if "gte" in data else data["gt"] + 1)


class CorrelationSchema(StrictSchema):
    unsupported = frozenset({"aliases"})

    type = fields.String(required=True, validate=validate.OneOf(["event_count", "temporal_ordered"]))
    rules = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    group_by = fields.List(
        PathsField(max_choices=1), data_key="group-by", required=True, validate=validate.Length(min=1)
    )
    timespan = TimespanField(required=True)
    condition = fields.Nested(CorrelationConditionSchema)
    generate = fields.Boolean(load_default=False)

    @validates_schema
    def _agrees(self, data: dict[str, Any], **_: object) -> None:
        is_count = data["type"] == "event_count"
        if is_count and "condition" not in data:
            raise ValidationError({"condition": [Complaint("is missing: how many events?", code="required")]})
        if not is_count and "condition" in data:
            raise ValidationError({"condition": [Complaint("belongs to event_count", code="correlation")]})
        if not is_count and len(data["rules"]) < 2:
            raise ValidationError({"rules": [Complaint("an order needs at least two rules", code="correlation")]})

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Correlation:
        return Correlation(
            type=data["type"],
            rules=tuple(data["rules"]),
            group_by=tuple(choices[0] for choices in data["group_by"]),
            timespan=data["timespan"],
            at_least=data.get("condition"),
            is_generating=data["generate"],
        )


class AlertDedupeSchema(StrictSchema):
    by = fields.List(PathsField(), required=True, validate=validate.Length(min=1))
    within = TimespanField(load_default=timedelta(hours=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> AlertDedupe:
        return AlertDedupe(tuple(data["by"]), data["within"])


# Who did it, wherever the class of the event has that.
_WHO = ((("actor", "user", "uid"), ("user", "uid"), ("actor", "app_uid"), ("src_endpoint", "ip")),)


class DetectionRuleSchema(StrictSchema):
    unsupported = frozenset({"scope", "related"})

    title = fields.String(required=True, validate=validate.Length(min=1, max=256))
    id = fields.UUID(required=True)
    name = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]*$", error="must be snake_case"))
    taxonomy = fields.String(required=True, validate=validate.Equal("ocsf"))
    status = fields.String(
        load_default="experimental",
        validate=validate.OneOf(["stable", "test", "experimental", "deprecated", "unsupported"]),
    )
    description = fields.String(required=True)
    references = fields.List(fields.Url())
    author = fields.String()
    license = fields.String()
    date = fields.String(validate=validate.Regexp(r"^\d{4}-\d\d-\d\d$", error="must be like 2026-08-31"))
    modified = fields.String(validate=validate.Regexp(r"^\d{4}-\d\d-\d\d$", error="must be like 2026-08-31"))
    tags = fields.List(fields.String(), load_default=list)
    attack_version = fields.String(load_default="18.1")
    logsource = fields.Nested(LogsourceSchema, load_default=None)
    detection = DetectionField(load_default=None)
    correlation = fields.Nested(CorrelationSchema, load_default=None)
    detector = Component(ImpossibleTravelSchema, TokenTwoNetworksSchema, load_default=None)
    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    confidence = fields.String(load_default="medium", validate=validate.OneOf(["low", "medium", "high"]))
    falsepositives = fields.List(fields.String())
    dedupe = fields.Nested(AlertDedupeSchema, load_default=AlertDedupe(_WHO, timedelta(hours=1)))
    message = TemplateField("alert", load_default=None)
    remediation = fields.String(load_default=None)
    examples = fields.Nested(DetectionExamplesSchema, required=True)

    @validates_schema
    def _is_one_kind(self, data: dict[str, Any], **_: object) -> None:
        is_correlation = data.get("correlation") is not None
        is_event_rule = data.get("detection") is not None and data.get("logsource") is not None
        if is_correlation == is_event_rule:
            message = "needs either logsource and detection, or correlation"
            raise ValidationError({"detection": [Complaint(message, code="rule-kind")]})
        if is_correlation and (data.get("detector") or data.get("logsource") or data.get("detection")):
            message = "a correlation has no events of its own: name the rules it correlates"
            raise ValidationError({"correlation": [Complaint(message, code="rule-kind")]})

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> DetectionRule:
        return DetectionRule(
            name=data["name"],
            id=str(data["id"]),
            title=data["title"],
            description=" ".join(data["description"].split()),
            status=data["status"],
            level=data["level"],
            confidence=data["confidence"],
            techniques=techniques(data["tags"]),
            attack_version=data["attack_version"],
            ocsf_class=(data["logsource"] or {}).get("category"),
            detection=data["detection"],
            correlation=data["correlation"],
            detector=data["detector"],
            dedupe=data["dedupe"],
            message=data["message"] or parse(data["title"], frozenset()),
            remediation=data["remediation"],
            examples=data["examples"],
        )


def disagreements(rules: Sequence[DetectionRule]) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """Yield (rule name, document path, message) for what is wrong between rules: names, references, cycles."""
    by_name: dict[str, DetectionRule] = {}
    for rule in rules:
        if rule.name in by_name:
            yield rule.name, ("name",), f"another rule is already called {rule.name!r}"
        by_name[rule.name] = rule
    for rule in rules:
        for index, name in enumerate(rule.correlation.rules if rule.correlation else ()):
            if name not in by_name:
                yield rule.name, ("correlation", "rules", index), f"there is no rule {name!r}{nearest(name, by_name)}"
            elif by_name[name].detector is not None:
                yield rule.name, ("correlation", "rules", index), f"{name!r} is a detector, which cannot be correlated"
            elif rule.name in _reached(name, by_name):
                yield rule.name, ("correlation", "rules", index), f"{name!r} leads back to this rule"


def _reached(name: str, rules: dict[str, DetectionRule]) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            rule = rules.get(current)
            waiting += rule.correlation.rules if rule is not None and rule.correlation else ()
    return reached
