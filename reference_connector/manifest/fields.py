"""The marshmallow fields a manifest is made of, and the schema base that refuses what it does not know.

A message may carry a rule's slug and an offset inside the text (`Complaint`), which the loader turns into a problem
with its place. Every schema allows `x-` keys, as OpenAPI and JSON Schema tools do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load

from reference_connector.expressions import ExpressionError, Template, parse
from reference_connector.manifest.datetimes import DatetimeFormat, parse_duration

EXTENSION_PREFIX = "x-"
# Every component of the vocabulary may carry these; passing values down by them is not supported.
PARAMETERS = frozenset({"$parameters"})


class Complaint(str):
    """A message with the slug of its rule, and how many characters into the value the trouble starts."""

    code: str
    offset: int

    def __new__(cls, message: str, *, code: str = "schema", offset: int = 0) -> Complaint:
        complaint = super().__new__(cls, message)
        complaint.code = code
        complaint.offset = offset
        return complaint


class StrictSchema(Schema):
    """Refuses unknown keys, naming the nearest known one; names apart what the vocabulary has and we do not."""

    unsupported: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        unknown = RAISE

    @pre_load
    def _leave_out_extensions(self, data: object, **_: object) -> object:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if not self._is_extension(str(key))}

    def _is_extension(self, key: str) -> bool:
        return key.startswith(EXTENSION_PREFIX)

    def handle_error(self, error: ValidationError, data: object, *, many: bool, **_: object) -> None:
        """Say something useful about unknown keys (marshmallow's hook)."""
        if not isinstance(data, Mapping) or not isinstance(error.messages, dict):
            return
        known = {field.data_key or name for name, field in self.fields.items()}
        for key in data:
            if key not in known and key in error.messages:
                error.messages[key] = [unknown_key(key, known, self.unsupported)]


class ComponentSchema(StrictSchema):
    """A schema chosen by its `type`; `make` turns the valid data into its dataclass."""

    type = fields.String(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> object:
        data.pop("type")
        return self.make(data)

    def make(self, data: dict[str, Any]) -> object:
        """Return the dataclass; `data` holds the loaded fields, absent optional ones left out."""
        raise NotImplementedError


def unknown_key(key: str, known: Iterable[str], unsupported: frozenset[str] = frozenset()) -> Complaint:
    """Return the complaint about a key that is not known, with the nearest known one."""
    if key in unsupported:
        return Complaint(f"{key} is part of the vocabulary but not supported yet", code="not-supported")
    return Complaint(f"unknown key{nearest(key, known)}", code="unknown-key")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean '…'?``, or the list of what is known, or nothing."""
    choices = sorted(known)
    if close := difflib.get_close_matches(word, choices, n=1, cutoff=0.6):
        return f"; did you mean {close[0]!r}?"
    return f"; known here: {', '.join(choices)}" if choices else ""


class TemplateField(fields.Field[Template]):
    """Text with `{{ … }}` that may read the given names."""

    json_type: ClassVar[object] = "string"

    def __init__(self, *names: str, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": self.json_type}}, **kwargs)
        self.names = frozenset(names)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Template:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValidationError(Complaint("must be text", code="type"))
        try:
            return parse(str(value), self.names)
        except ExpressionError as error:
            raise ValidationError(Complaint(error.message, code="expression", offset=error.offset)) from error


class BodyValueField(TemplateField):
    """A member of a JSON body: text with `{{ … }}`, or a number or boolean that stays what it is."""

    json_type = ["string", "integer", "boolean"]  # noqa: RUF012

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Any:
        return value if isinstance(value, bool | int) else super()._deserialize(value, attr, data, **kwargs)


class ConditionField(TemplateField):
    """One `{{ … }}` and nothing else, judged for truth."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Template:
        template = super()._deserialize(value, attr, data, **kwargs)
        if template.is_literal or len(template.parts) != 1:
            raise ValidationError(Complaint("must be one expression: {{ … }}", code="expression"))
        return template


class DurationField(fields.Field[timedelta]):
    """An ISO 8601 duration."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "string", "format": "duration"}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> timedelta:
        try:
            return parse_duration(str(value))
        except ValueError as error:
            raise ValidationError(Complaint(str(error), code="duration")) from error


class DatetimeFormatField(fields.Field[DatetimeFormat]):
    """A datetime format in the placeholders of the vocabulary."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "string"}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> DatetimeFormat:
        try:
            return DatetimeFormat(str(value))
        except ValueError as error:
            raise ValidationError(Complaint(str(error), code="datetime-format")) from error


class Component(fields.Field[Any]):
    """A mapping whose `type` says which of several schemas it follows."""

    def __init__(self, *schemas: type[StrictSchema], unsupported: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schemas = {type_name(schema): schema for schema in schemas}
        self.unsupported = unsupported

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError(Complaint("must be a mapping with a type", code="type"))
        found = value.get("type")
        if found is None:
            raise ValidationError({"type": [Complaint(f"is missing{nearest('', self.schemas)}", code="required")]})
        if found not in self.schemas:
            raise ValidationError({"type": [self._unknown(str(found))]})
        return self.schemas[found]().load(value)

    def _unknown(self, found: str) -> Complaint:
        if found in self.unsupported:
            message = f"{found} is part of the vocabulary but not supported yet{nearest('', self.schemas)}"
            return Complaint(message, code="not-supported")
        return Complaint(f"unknown type {found!r}{nearest(found, self.schemas)}", code="unknown-type")


def type_name(schema: type[StrictSchema]) -> str:
    """Return the discriminator of a component's schema: its class name without `Schema`."""
    return schema.__name__.removesuffix("Schema")
