"""What a posture rule looks for in the records of a stream: conditions on what stands at a path.

The declarative vocabulary has no such thing; these few forms are ours. `reference_connector.posture.matching` judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from marshmallow import ValidationError, fields

from reference_connector.manifest.datetimes import parse_duration
from reference_connector.manifest.fields import Complaint

Matcher = Literal["equals", "contains", "contains_none", "one_of", "not_one_of", "within", "older_than"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold for a record: what stands at `path`, compared with `operand`."""

    path: tuple[str, ...]
    matcher: Matcher
    operand: Any


def is_scalar(value: object) -> bool:
    """Return whether a value has no parts."""
    return value is None or isinstance(value, str | int | float | bool)


def is_choice(value: object) -> bool:
    """Return whether a value is a list of some that have no parts."""
    return isinstance(value, list) and bool(value) and all(is_scalar(item) for item in value)


class ConditionsField(fields.Field[tuple[Condition, ...]]):
    """`{path: value}` or `{path: {matcher: operand}}`; a dot in a path leads into an object.

    Matchers: `contains` a value, `contains_none` of some, is `one_of` some or `not_one_of` them, and of moments: `within`
    the last so and so long, or `older_than` that, as never is too.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "object", "minProperties": 1}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> tuple[Condition, ...]:
        if not isinstance(value, Mapping) or not value:
            raise ValidationError(Complaint("must be a mapping from a path to what it must hold", code="type"))
        return tuple(self._condition(str(path), wanted) for path, wanted in value.items())

    @staticmethod
    def _condition(path: str, wanted: object) -> Condition:
        steps = tuple(path.split("."))
        if is_scalar(wanted):
            return Condition(steps, "equals", wanted)
        if isinstance(wanted, Mapping) and len(wanted) == 1:
            matcher, operand = next(iter(wanted.items()))
            if matcher in _OPERANDS:
                try:
                    return Condition(steps, matcher, _OPERANDS[matcher](operand))
                except ValueError as error:
                    raise ValidationError({path: [Complaint(f"{matcher} wants {error}", code="type")]}) from None
        forms = ", ".join(_OPERANDS)
        raise ValidationError({path: [Complaint(f"must be a value, or one of {forms} with its operand", code="type")]})


def _scalar(value: object) -> object:
    if not is_scalar(value):
        raise ValueError("a single value")
    return value


def _choice(value: object) -> tuple[object, ...]:
    if not isinstance(value, list) or not is_choice(value):
        raise ValueError("a list of values")
    return tuple(value)


def _duration(value: object) -> timedelta:
    try:
        return parse_duration(str(value))
    except ValueError:
        raise ValueError("an ISO 8601 duration such as P90D") from None


_OPERANDS: dict[Any, Callable[[object], object]] = {
    "contains": _scalar,
    "contains_none": _choice,
    "one_of": _choice,
    "not_one_of": _choice,
    "within": _duration,
    "older_than": _duration,
}
