"""The `detection` section of a Sigma rule, parsed at load: selections of field matches, and a condition over them.

A subset of the Sigma specification 2.0: https://sigmahq.io/sigma-specification/. What is outside it (keyword search,
encodings, aggregations in the condition) is refused by name, so that no rule is ever half understood. How a parsed rule
is matched against events is the business of `detect.sigma`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from marshmallow import ValidationError, fields

from reference_connector.manifest.fields import Complaint, nearest
from reference_connector.manifest.sigma_condition import Condition, parse_condition

Operator = Literal[
    "equals", "contains", "startswith", "endswith", "re", "cidr", "gt", "gte", "lt", "lte", "exists", "fieldref"
]
Value = str | int | float | bool | None

MAX_PATTERN = 256
MAX_REPEATS = 3

_TEXT = frozenset({"contains", "startswith", "endswith"})
_ORDER = frozenset({"gt", "gte", "lt", "lte"})
_OPERATORS: frozenset[str] = _TEXT | _ORDER | {"re", "cidr", "exists", "fieldref"}
_FLAGS = frozenset({"all", "cased", "neq", "i", "m", "s"})
_UNSUPPORTED = frozenset(
    {"base64", "base64offset", "expand", "utf16", "utf16be", "utf16le", "wide", "windash", "minute", "hour", "day"}
    | {"week", "month", "year"}
)


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """One `field|modifiers: values`; any of the values has to match, or each of them if `is_all`."""

    path: tuple[str, ...]
    operator: Operator
    values: tuple[Value, ...]
    is_all: bool = False
    is_cased: bool = False
    is_negated: bool = False
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """Selections by name, each a choice of lists of matches that must all hold; the condition joins them."""

    selections: Mapping[str, tuple[tuple[FieldMatch, ...], ...]]
    condition: Condition


class DetectionField(fields.Field[Detection]):
    """A Sigma `detection` section."""

    def __init__(self, **kwargs: Any) -> None:
        schema = {
            "type": "object",
            "required": ["condition"],
            "properties": {"condition": {"type": "string"}},
            "additionalProperties": {
                "anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}, "minItems": 1}]
            },
        }
        super().__init__(metadata={"json_schema": schema}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Detection:
        if not isinstance(value, Mapping):
            raise ValidationError(Complaint("must be a mapping of selections and a condition", code="type"))
        return parse_detection(value)


def parse_detection(section: Mapping[str, object]) -> Detection:
    """Return the parsed section; ValidationError whose nested keys are the path inside it."""
    errors: dict[str, Any] = {}
    selections: dict[str, tuple[tuple[FieldMatch, ...], ...]] = {}
    for name, body in section.items():
        if name == "condition":
            continue
        try:
            selections[name] = _selection(body)
        except ValidationError as error:
            errors[name] = error.messages
    condition = section.get("condition")
    if not isinstance(condition, str):
        errors["condition"] = [Complaint("is missing: it says how the selections combine", code="required")]
    if errors:
        raise ValidationError(errors)
    assert isinstance(condition, str)
    try:
        return Detection(selections, parse_condition(condition, tuple(selections)))
    except ValidationError as error:
        raise ValidationError({"condition": error.messages}) from error


def _selection(body: object) -> tuple[tuple[FieldMatch, ...], ...]:
    """Parse a mapping, or a list of mappings of which one has to match."""
    if isinstance(body, Mapping):
        return (_matches(body),)
    if not isinstance(body, list) or not body:
        raise ValidationError([Complaint("must be a mapping of fields, or a list of such mappings", code="type")])
    choices = []
    for index, choice in enumerate(body):
        if not isinstance(choice, Mapping):
            message = "keywords (text without a field) are not supported: name the field"
            raise ValidationError({index: [Complaint(message, code="not-supported")]})
        try:
            choices.append(_matches(choice))
        except ValidationError as error:
            raise ValidationError({index: error.messages}) from error
    return tuple(choices)


def _matches(body: Mapping[str, object]) -> tuple[FieldMatch, ...]:
    if not body:
        raise ValidationError([Complaint("matches nothing: name at least one field", code="empty")])
    matches, errors = [], {}
    for key, value in body.items():
        try:
            matches.append(_match(key, value))
        except _Refused as error:
            errors[key] = [error.complaint]
    if errors:
        raise ValidationError(errors)
    return tuple(matches)


class _Refused(Exception):
    def __init__(self, message: str, code: str = "sigma") -> None:
        super().__init__(message)
        self.complaint = Complaint(message, code=code)


def _match(key: str, value: object) -> FieldMatch:
    name, *modifiers = key.split("|")
    if not re.fullmatch(r"\w+(\.\w+)*", name):
        raise _Refused(f"{name!r} is not a field: write a dotted path such as src_endpoint.ip")
    operator = _operator(modifiers)
    values = tuple(value) if isinstance(value, list) else (value,)
    match = FieldMatch(
        path=tuple(name.split(".")),
        operator=operator,
        values=values,
        is_all="all" in modifiers,
        is_cased="cased" in modifiers,
        is_negated="neq" in modifiers,
        flags="".join(flag for flag in "ims" if flag in modifiers),
    )
    _check(match)
    return match


def _operator(modifiers: list[str]) -> Operator:
    operators = [modifier for modifier in modifiers if modifier in _OPERATORS]
    for modifier in modifiers:
        if modifier in _UNSUPPORTED:
            raise _Refused(f"the modifier {modifier!r} is not supported yet", "not-supported")
        if modifier not in _OPERATORS | _FLAGS:
            raise _Refused(f"unknown modifier {modifier!r}{nearest(modifier, _OPERATORS | _FLAGS)}")
    if len(operators) > 1:
        raise _Refused(f"{' and '.join(operators)} cannot be combined")
    operator: Operator = operators[0] if operators else "equals"  # type: ignore[assignment]
    if operator != "re" and (stray := [flag for flag in "ims" if flag in modifiers]):
        raise _Refused(f"{stray[0]!r} belongs to the modifier 're'")
    return operator


def _check(match: FieldMatch) -> None:
    """Refuse values that the operator can do nothing with."""
    if not match.values:
        raise _Refused("the list of values is empty")
    if match.is_all and len(match.values) < 2:
        raise _Refused("'all' needs a list of at least two values")
    for value in match.values:
        if value is not None and not isinstance(value, str | int | float | bool):
            raise _Refused("a value must be text, a number, true, false or null")
        _check_value(match.operator, value)


def _check_value(operator: Operator, value: Value) -> None:
    if operator in _ORDER and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise _Refused(f"{operator!r} needs a number")
    if operator in _TEXT and (not isinstance(value, str) or not value):
        raise _Refused(f"{operator!r} needs text")
    if operator == "exists" and not isinstance(value, bool):
        raise _Refused("'exists' needs true or false")
    if operator == "fieldref" and (not isinstance(value, str) or not re.fullmatch(r"\w+(\.\w+)*", value)):
        raise _Refused("'fieldref' needs the path of another field")
    if operator == "cidr":
        _check_network(value)
    if operator == "re":
        _check_pattern(value)


def _check_network(value: Value) -> None:
    try:
        ipaddress.ip_network(str(value))
    except ValueError as error:
        raise _Refused(f"'cidr' needs a network such as 192.0.2.0/24: {error}") from error


def _check_pattern(value: Value) -> None:
    """Refuse patterns whose time could explode, since what they are matched against is chosen by attackers."""
    if not isinstance(value, str) or not value:
        raise _Refused("'re' needs a pattern")
    if len(value) > MAX_PATTERN:
        raise _Refused(f"the pattern is longer than {MAX_PATTERN} characters")
    try:
        re.compile(value)
    except re.error as error:
        raise _Refused(f"the pattern is broken: {error}") from error
    # Classes and escapes cannot repeat; without them the shape of the pattern is plain to see.
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "_", value)
    bare = re.sub(r"\((?:\?:|\?P<\w+>)", "(", bare)
    if re.search(r"\\[1-9]|\(\?P=|\(\?<?[=!]|\(\?\(", re.sub(r"\\\\", "", value)):
        raise _Refused("back-references, look-around and conditions are not allowed in a pattern")
    if re.search(r"[*+}|?][^()]*\)\s*(?:[*+]|\{)", bare) or re.search(r"\)[^()]*\)\s*(?:[*+]|\{)", bare):
        raise _Refused("a repeated group must not contain repeats, choices or groups: it can take forever")
    if len(re.findall(r"[*+]|\{\d*,\d*\}", bare)) > MAX_REPEATS:
        raise _Refused(f"a pattern may repeat at most {MAX_REPEATS} times without a fixed count")
