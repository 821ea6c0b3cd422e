"""The `actions` of a manifest: what may be done at the vendor, to what, how it is proven, and what takes it back.

An action is data like everything else: a target that is read first, conditions judged on what was read, one request,
one read-back with the value that proves the effect, and the name of its inverse. See `respond` for how it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from reference_connector.expressions import ExpressionError, Scope, Template, parse
from reference_connector.manifest.fields import Complaint, ConditionField, DurationField, StrictSchema, TemplateField

JsonTemplate = Template | dict[str, "JsonTemplate"] | list["JsonTemplate"] | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Target:
    """What an action is done to. `path` reads it; `name` says who it is, from what was read."""

    type: str
    id_pattern: re.Pattern[str]
    path: Template
    name: Template


@dataclass(frozen=True, slots=True)
class Protection:
    """Targets that are left alone: those for which `when` holds, judged on the target as it was read."""

    when: Template
    because: str


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """At most so many different targets within so long."""

    max_targets: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """The request that acts. `record_id` leads to the vendor's own id of what was done, in its answer."""

    method: str
    path: Template
    json: JsonTemplate
    idempotency_header: str
    record_id: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The read-back: a GET of `path` must show `expected` at `field_path`, at the latest after `within`."""

    path: Template
    field_path: tuple[str, ...]
    expected: str | int | bool | None
    within: timedelta


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done; `applies_when` is judged on the target, `undo` names the inverse action.

    `is_containment`: it stops an attack, so reports propose it for whoever an alert is about.
    """

    name: str
    title: str
    description: str
    is_containment: bool
    target: Target
    applies_when: Template
    protected: tuple[Protection, ...]
    blast_radius: BlastRadius
    scopes: tuple[str, ...]
    request: ActionRequest
    verify: Verification
    undo: str | None


def render(template: JsonTemplate, scope: Scope) -> Any:
    """Return the JSON value of a template."""
    if isinstance(template, Template):
        return template.value(scope)
    if isinstance(template, dict):
        return {key: render(inner, scope) for key, inner in template.items()}
    if isinstance(template, list):
        return [render(inner, scope) for inner in template]
    return template


class PatternField(fields.Field[re.Pattern[str]]):
    """A regular expression that the whole id must match."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "string", "format": "regex"}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> re.Pattern[str]:
        try:
            return re.compile(str(value))
        except re.error as error:
            raise ValidationError(Complaint(f"is no regular expression: {error}", code="pattern")) from error


class JsonTemplateField(fields.Field[JsonTemplate]):
    """Any JSON value whose strings are templates over the given names."""

    def __init__(self, *names: str, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {}}, **kwargs)
        self.names = frozenset(names)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> JsonTemplate:
        return self._parsed(value)

    def _parsed(self, value: object) -> JsonTemplate:
        if isinstance(value, str):
            return self._template(value)
        if isinstance(value, Mapping):
            return {str(key): self._inside(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._inside(index, inner) for index, inner in enumerate(value)]
        if value is None or isinstance(value, bool | int | float):
            return value
        raise ValidationError(Complaint("must be a JSON value", code="type"))

    def _inside(self, key: Any, value: object) -> JsonTemplate:
        try:
            return self._parsed(value)
        except ValidationError as error:
            raise ValidationError({key: error.messages}) from error

    def _template(self, text: str) -> Template:
        try:
            return parse(text, self.names)
        except ExpressionError as error:
            raise ValidationError(Complaint(error.message, code="expression", offset=error.offset)) from error


_NAME = validate.Regexp(r"[a-z][a-z0-9_]*\Z", error="must be snake_case")
_PATH = validate.Length(min=1)


class TargetSchema(StrictSchema):
    type = fields.String(required=True, validate=_NAME)
    id_pattern = PatternField(required=True)
    path = TemplateField("target", required=True)
    name = TemplateField("response", required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Target:
        return Target(**data)


class ProtectionSchema(StrictSchema):
    when = ConditionField("response", "target", "config", required=True)
    because = fields.String(required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Protection:
        return Protection(**data)


class BlastRadiusSchema(StrictSchema):
    max_targets = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))
    within = DurationField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> BlastRadius:
        return BlastRadius(**data)


class ActionRequestSchema(StrictSchema):
    method = fields.String(required=True, validate=validate.OneOf(["POST", "PUT", "PATCH", "DELETE"]))
    path = TemplateField("target", required=True)
    json = JsonTemplateField("target", "reason", load_default=None, allow_none=True)
    idempotency_header = fields.String(load_default="Idempotency-Key", validate=validate.Length(min=1))
    record_id = fields.List(fields.String(), load_default=list)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> ActionRequest:
        data["record_id"] = tuple(data["record_id"])
        return ActionRequest(**data)


class VerificationSchema(StrictSchema):
    path = TemplateField("target", required=True)
    field_path = fields.List(fields.String(), required=True, validate=_PATH)
    expected = fields.Raw(required=True, allow_none=True)
    within = DurationField(load_default=timedelta(seconds=10))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Verification:
        if not (data["expected"] is None or isinstance(data["expected"], str | int | bool)):
            raise ValidationError({"expected": [Complaint("must be a single value", code="type")]})
        data["field_path"] = tuple(data["field_path"])
        return Verification(**data)


class ActionSchema(StrictSchema):
    name = fields.String(required=True, validate=_NAME)
    title = fields.String(required=True, validate=validate.Length(min=1))
    description = fields.String(load_default="")
    is_containment = fields.Boolean(data_key="containment", load_default=False)
    target = fields.Nested(TargetSchema, required=True)
    applies_when = ConditionField("response", required=True)
    protected = fields.List(fields.Nested(ProtectionSchema), load_default=list)
    blast_radius = fields.Nested(BlastRadiusSchema, required=True)
    scopes = fields.List(fields.String(), load_default=list)
    request = fields.Nested(ActionRequestSchema, required=True)
    verify = fields.Nested(VerificationSchema, required=True)
    undo = fields.String(load_default=None, validate=_NAME)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Action:
        return Action(**{**data, "protected": tuple(data["protected"]), "scopes": tuple(data["scopes"])})


class ActionsFileSchema(StrictSchema):
    """actions.yaml: every action, and with each that can be undone its inverse."""

    actions = fields.List(fields.Nested(ActionSchema), required=True, validate=validate.Length(min=1))

    @validates_schema(skip_on_field_errors=True)
    def _check_names(self, data: dict[str, Any], **_: object) -> None:
        by_name: dict[str, Action] = {}
        for index, action in enumerate(data["actions"]):
            if action.name in by_name:
                self._refuse(index, "name", f"{action.name} is defined twice", "duplicate-action")
            by_name[action.name] = action
        for index, action in enumerate(data["actions"]):
            inverse = by_name.get(action.undo) if action.undo else None
            if action.undo and inverse is None:
                self._refuse(index, "undo", f"there is no action {action.undo!r}", "unknown-action")
            if inverse and inverse.undo != action.name:
                self._refuse(index, "undo", f"{inverse.name} does not undo {action.name} in turn", "undo-not-mutual")
            if inverse and inverse.target.type != action.target.type:
                self._refuse(index, "undo", f"{inverse.name} acts on another type of target", "undo-not-mutual")

    @staticmethod
    def _refuse(index: int, key: str, message: str, code: str) -> None:
        raise ValidationError({"actions": {index: {key: [Complaint(message, code=code)]}}})

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> tuple[Action, ...]:
        return tuple(data["actions"])
