"""The `posture` rules of a manifest: what a well-kept tenant looks like, one question a file.

A rule asks one thing of the raw records: the value of one `setting`, or how many records (`count`), or what share of
them (`ratio`), a `query` finds. `expected` is checked here against the evaluator, so that a rule which can never be
judged is refused when the manifest is loaded. See `reference_connector.posture` for how it is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from reference_connector.manifest.fields import Complaint, StrictSchema
from reference_connector.manifest.posture_query import Condition, ConditionsField, is_choice, is_scalar

Severity = Literal["critical", "high", "medium", "low"]
Effort = Literal["low", "moderate", "high"]

SEVERITIES = ("critical", "high", "medium", "low")
EFFORTS = ("low", "moderate", "high")


@dataclass(frozen=True, slots=True)
class Query:
    """The records of `stream` for which all of `where` holds; a ratio counts those for which `matching` holds too.

    With `may_be_empty` a stream that was read to its end without a record is an answer, and not a broken listing.
    """

    stream: str
    where: tuple[Condition, ...]
    matching: tuple[Condition, ...]
    may_be_empty: bool


@dataclass(frozen=True, slots=True)
class ApiCall:
    """The request that puts things right; `path` is relative to the base URL."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: Any


@dataclass(frozen=True, slots=True)
class Remediation:
    """How to put things right: in the vendor's pages, and by a request where there is one."""

    ui: str
    api: ApiCall | None


@dataclass(frozen=True, slots=True)
class Mappings:
    """Where published frameworks ask for the same; `attack_version` is the release that `attack` is numbered after."""

    sscf: tuple[str, ...]
    cis: tuple[str, ...]
    nist: tuple[str, ...]
    iso: tuple[str, ...]
    attack: tuple[str, ...]
    attack_version: str


@dataclass(frozen=True, slots=True)
class Examples:
    """What the check passes and fails on: values of the setting, or lists of records.

    Where a rule looks at moments, it is 2026-09-01T00:00:00Z in its examples.
    """

    passing: tuple[Any, ...]
    failing: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PostureRule:
    """One check; exactly one of `setting` and `query` is set."""

    id: str
    title: str
    category: str
    severity: Severity
    rationale: str
    risk: str
    setting: str | None
    query: Query | None
    evaluator: str
    expected: Any
    remediation: Remediation
    mappings: Mappings
    user_impact: Effort
    cost: Effort
    examples: Examples


def is_number(value: object) -> bool:
    """Return whether a value is a number; to Python, true and false are some too."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_range(value: object) -> bool:
    if (
        not isinstance(value, Mapping)
        or set(value) != {"minimum", "maximum"}
        or not all(map(is_number, value.values()))
    ):
        return False
    return bool(value["minimum"] <= value["maximum"])


def _is_share(value: object) -> bool:
    return is_number(value) and 0 < value <= 1  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Evaluator:
    """What an evaluator reads (the setting's value, or the records of the query) and what `expected` has to be."""

    reads: Literal["setting", "query"]
    accepts: Callable[[object], bool]
    wants: str


EVALUATORS: dict[str, Evaluator] = {
    "eq": Evaluator("setting", is_scalar, "a single value"),
    "one_of": Evaluator("setting", is_choice, "a list of values"),
    "gte": Evaluator("setting", is_number, "a number"),
    "lte": Evaluator("setting", is_number, "a number"),
    "between": Evaluator("setting", _is_range, "minimum and maximum"),
    "contains_none": Evaluator("setting", is_choice, "a list of values"),
    "contains_all": Evaluator("setting", is_choice, "a list of values"),
    "contains_only": Evaluator("setting", is_choice, "a list of values"),
    "is_set": Evaluator("setting", lambda value: value is True, "true"),
    "count": Evaluator("query", _is_range, "minimum and maximum"),
    "ratio": Evaluator("query", _is_share, "a share above 0 and up to 1"),
}


_TEXT = validate.Length(min=1)


def _texts() -> fields.List[str]:
    return fields.List(fields.String(validate=_TEXT), load_default=list)


class QuerySchema(StrictSchema):
    stream = fields.String(required=True, validate=_TEXT)
    where = ConditionsField(load_default=())
    matching = ConditionsField(load_default=())
    may_be_empty = fields.Boolean(load_default=False)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Query:
        return Query(**data)


class ApiCallSchema(StrictSchema):
    method = fields.String(required=True, validate=validate.OneOf(["POST", "PUT", "PATCH", "DELETE"]))
    path = fields.String(required=True, validate=validate.Regexp(r"/", error="must begin with /"))
    headers = fields.Dict(fields.String(), fields.String(), load_default=dict)
    body = fields.Raw(load_default=None, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> ApiCall:
        return ApiCall(**{**data, "headers": tuple(data["headers"].items())})


class RemediationSchema(StrictSchema):
    ui = fields.String(required=True, validate=_TEXT)
    api = fields.Nested(ApiCallSchema, load_default=None)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Remediation:
        return Remediation(**data)


class MappingsSchema(StrictSchema):
    """Numbers as the frameworks print them: SSCF 1.0, CIS Controls 8.1, NIST SP 800-53 r5, ISO/IEC 27001:2022 Annex A."""

    sscf = _texts()
    cis = _texts()
    nist = _texts()
    iso = _texts()
    attack = fields.List(
        fields.String(validate=validate.Regexp(r"T\d{4}(\.\d{3})?\Z", error="must be like T1078 or T1078.004")),
        load_default=list,
    )
    attack_version = fields.String(required=True, validate=_TEXT)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Mappings:
        version = data.pop("attack_version")
        return Mappings(**{framework: tuple(numbers) for framework, numbers in data.items()}, attack_version=version)


class ExamplesSchema(StrictSchema):
    passing = fields.List(fields.Raw(allow_none=True), data_key="pass", required=True, validate=validate.Length(min=1))
    failing = fields.List(fields.Raw(allow_none=True), data_key="fail", required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Examples:
        return Examples(tuple(data["passing"]), tuple(data["failing"]))


class PostureRuleSchema(StrictSchema):
    """posture/<id>.yaml."""

    id = fields.String(
        required=True, validate=validate.Regexp(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z", error="must be kebab-case")
    )
    title = fields.String(required=True, validate=_TEXT)
    category = fields.String(required=True, validate=_TEXT)
    severity = fields.String(required=True, validate=validate.OneOf(SEVERITIES))
    rationale = fields.String(required=True, validate=_TEXT)
    risk = fields.String(required=True, validate=_TEXT)
    setting = fields.String(load_default=None, validate=_TEXT)
    query = fields.Nested(QuerySchema, load_default=None)
    evaluator = fields.String(required=True, validate=validate.OneOf(list(EVALUATORS)))
    expected = fields.Raw(required=True, allow_none=True)
    remediation = fields.Nested(RemediationSchema, required=True)
    mappings = fields.Nested(MappingsSchema, required=True)
    user_impact = fields.String(required=True, validate=validate.OneOf(EFFORTS))
    cost = fields.String(required=True, validate=validate.OneOf(EFFORTS))
    examples = fields.Nested(ExamplesSchema, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _check_question(self, data: dict[str, Any], **_: object) -> None:
        evaluator = EVALUATORS[data["evaluator"]]
        if (data["setting"] is None) == (data["query"] is None):
            raise ValidationError(Complaint("needs one of setting and query, and only one", code="posture-subject"))
        if data[evaluator.reads] is None:
            message = f"{data['evaluator']} judges a {evaluator.reads}"
            raise ValidationError({"evaluator": [Complaint(message, code="posture-evaluator")]})
        if not evaluator.accepts(data["expected"]):
            message = f"{data['evaluator']} expects {evaluator.wants}"
            raise ValidationError({"expected": [Complaint(message, code="posture-expected")]})

    @validates_schema(skip_on_field_errors=True)
    def _check_query(self, data: dict[str, Any], **_: object) -> None:
        query = data["query"]
        if query is not None and (data["evaluator"] == "ratio") != bool(query.matching):
            message = "goes with the evaluator ratio, which cannot do without it"
            raise ValidationError({"query": {"matching": [Complaint(message, code="posture-evaluator")]}})

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> PostureRule:
        return PostureRule(**data)
