"""Where in a record a value stands: a dotted path such as `source.ip`, `changes[0].new` or `targets[type=user].id`.

Paths are parsed when a mapping is loaded; `normalize` writes them out as code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from marshmallow import ValidationError, fields

from reference_connector.manifest.fields import Complaint

_STEP = re.compile(r"([A-Za-z_][\w-]*)(?:\[(?:([0-9]{1,3})|(\w+)=([\w.-]+))\])?")
_ANY_TEXT = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Pick:
    """A step into a list: the first element whose `key` is `value`, or the one at a position if `key` is empty."""

    key: str
    value: str | int


Path: TypeAlias = "tuple[str | Pick, ...]"


class PathField(fields.Field[Path]):
    """A dotted path into a record, such as `source.ip`, `changes[0].new` or `targets[type=user].id`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": _ANY_TEXT}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Path:
        return parse_path(value)


class PathsField(fields.Field["tuple[Path, ...]"]):
    """One path, or several of which the first that is there counts."""

    def __init__(self, **kwargs: Any) -> None:
        one_or_more = {"anyOf": [_ANY_TEXT, {"type": "array", "items": _ANY_TEXT, "minItems": 1}]}
        super().__init__(metadata={"json_schema": one_or_more}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> tuple[Path, ...]:
        if not isinstance(value, list):
            return (parse_path(value),)
        if not value:
            raise ValidationError(Complaint("must name at least one path", code="path"))
        parsed, wrong = [], {}
        for index, each in enumerate(value):
            try:
                parsed.append(parse_path(each))
            except ValidationError as error:
                wrong[index] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return tuple(parsed)


def parse_path(value: object) -> Path:
    """Return the steps of a path; ValidationError if it is none."""
    steps: list[str | Pick] = []
    position, text = 0, str(value)
    while isinstance(value, str) and (found := _STEP.match(text, position)):
        name, index, key, picked = found.groups()
        steps.append(name)
        if index is not None or key is not None:
            steps.append(Pick(key, picked) if key else Pick("", int(index)))
        position = found.end() + 1
        if found.end() == len(text):
            return tuple(steps)
        if text[found.end()] != ".":
            break
    raise ValidationError(Complaint("must be a path such as source.ip or targets[type=user].id", code="path"))
