"""The `normalization` of a manifest: how the records of a stream become OCSF events, as data.

A mapping file says what every event of the stream carries (`attributes`), then, kind by kind, its class, its activity
and what it carries besides (`events`). Here is only the shape; whether the paths, words and types are those of OCSF is
judged by `normalize.plan`, which knows OCSF.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from reference_connector.manifest.fields import Complaint, StrictSchema, nearest
from reference_connector.manifest.record_path import Path, PathField, PathsField, parse_path

Scalar: TypeAlias = "str | int | float | bool | None"
Conversion = Literal["milliseconds", "words", "text"]
CONVERSIONS: tuple[Conversion, ...] = ("milliseconds", "words", "text")


@dataclass(frozen=True, slots=True)
class Condition:
    """The value at `path` is one of these; an absent value is None."""

    path: Path
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the manifest itself gives; for an enumeration, its word or its number."""

    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """An attribute that a kind of event does not have, although every event would."""


@dataclass(frozen=True, slots=True)
class Source:
    """A value of the record: the first of `paths` that is there, else `otherwise`.

    `table` translates it, `convert` changes its form, `without` leaves keys of an object out.
    """

    paths: tuple[Path, ...]
    convert: Conversion | None = None
    table: str | None = None
    otherwise: Scalar | tuple[Scalar, ...] = None
    without: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """An object of named attributes."""

    attributes: Mapping[str, Spec]
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list with these elements, as far as they are there."""

    items: tuple[Spec, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """A list with one object for each element of the list at `path`; paths inside start at the element."""

    path: Path
    attributes: Mapping[str, Spec]


Spec: TypeAlias = "Constant | Dropped | Source | Object | Items | Each"


@dataclass(frozen=True, slots=True)
class EventMapping:
    """One kind of event. `activity` is a word of its OCSF class, or by the value of `select` a word or a source."""

    ocsf_class: str
    activity: str | Mapping[str, str | Source]
    attributes: Mapping[str, Spec]


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """All about one stream; `otherwise` is for what no entry of `events` names, None if that has no OCSF form."""

    stream: str
    select: Path | None
    tables: Mapping[str, Mapping[str, Scalar]]
    attributes: Mapping[str, Spec]
    events: tuple[EventMapping, ...]
    otherwise: EventMapping | None


@dataclass(frozen=True, slots=True)
class Normalization:
    """The mappings of a manifest and the release of OCSF that they are written for."""

    ocsf_version: str
    mappings: tuple[StreamMapping, ...]


_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_SCALARS = (str, int, float, bool, type(None))
_ANY_TEXT = {"type": "string"}


class ConditionsField(fields.Field["tuple[Condition, ...]"]):
    """Values by path, all of which must hold; a null in the list stands for an absent value."""

    def __init__(self, **kwargs: Any) -> None:
        lists = {"type": "object", "additionalProperties": {"type": "array", "minItems": 1}}
        super().__init__(metadata={"json_schema": lists}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> tuple[Condition, ...]:
        if not isinstance(value, Mapping):
            raise ValidationError(Complaint("must be a mapping of paths to lists of values", code="type"))
        listed = _each(value.items(), _values)
        return tuple(Condition(parse_path(path), values) for path, values in listed.items())


class AttributesField(fields.Field["Mapping[str, Spec]"]):
    """Attributes by their OCSF path, each with where it comes from."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"json_schema": {"type": "object"}}, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Mapping[str, Spec]:
        if not isinstance(value, Mapping):
            raise ValidationError(Complaint("must be a mapping of OCSF attributes", code="type"))
        return _each(value.items(), _attribute)


class ActivityField(fields.Field["str | Mapping[str, str | Source]"]):
    """A word, or by the selected value a word or where it comes from."""

    def __init__(self, **kwargs: Any) -> None:
        by_value = {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "object"]}}
        super().__init__(metadata={"json_schema": {"anyOf": [_ANY_TEXT, by_value]}}, **kwargs)

    def _deserialize(
        self, value: object, attr: str | None, data: object, **kwargs: Any
    ) -> str | Mapping[str, str | Source]:
        if isinstance(value, str):
            return value
        if not isinstance(value, Mapping) or not value:
            raise ValidationError(Complaint("must be an activity, or activities by selected value", code="type"))
        return _each(value.items(), _activity)


class SourceSchema(StrictSchema):
    paths = PathsField(data_key="from", required=True)
    convert = fields.String(data_key="as", validate=validate.OneOf(CONVERSIONS))
    table = fields.String()
    otherwise = fields.Raw(data_key="else")
    without = fields.List(fields.String(), validate=validate.Length(min=1))
    when = ConditionsField()

    @validates_schema
    def _one_change(self, data: dict[str, Any], **_: object) -> None:
        if len({"convert", "table", "without"} & set(data)) > 1:
            raise ValidationError(Complaint("as, table and without exclude each other", code="mapping"))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Source:
        if "otherwise" in data:
            data["otherwise"] = _constant(data["otherwise"]).value
        return Source(**(data | {"without": tuple(data.get("without", ()))}))


class ObjectSchema(StrictSchema):
    attributes = AttributesField(required=True)
    when = ConditionsField()

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Object:
        return Object(**data)


class ItemsSchema(StrictSchema):
    items = fields.List(fields.Raw(), required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Items:
        try:
            return Items(tuple(_each(enumerate(data["items"]), _spec).values()))
        except ValidationError as error:
            raise ValidationError({"items": error.messages}) from error


class EachSchema(StrictSchema):
    path = PathField(data_key="each", required=True)
    attributes = AttributesField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Each:
        return Each(**data)


class OtherwiseSchema(StrictSchema):
    ocsf_class = fields.String(data_key="class", required=True)
    attributes = AttributesField(load_default=dict)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> EventMapping:
        return EventMapping(activity="Other", **data)


class EventMappingSchema(StrictSchema):
    ocsf_class = fields.String(data_key="class", required=True)
    activity = ActivityField(required=True)
    attributes = AttributesField(load_default=dict)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> EventMapping:
        return EventMapping(**data)


class NormalizationFileSchema(StrictSchema):
    """One file of `normalization.mappings`."""

    stream = fields.String(required=True)
    select = PathField(load_default=None)
    tables = fields.Dict(fields.String(), fields.Dict(fields.String(), fields.Raw(allow_none=True)), load_default=dict)
    attributes = AttributesField(load_default=dict)
    events = fields.List(fields.Nested(EventMappingSchema), required=True, validate=validate.Length(min=1))
    otherwise = fields.Nested(OtherwiseSchema, load_default=None)

    @validates_schema
    def _selection(self, data: dict[str, Any], **_: object) -> None:
        by_value = [isinstance(event.activity, Mapping) for event in data["events"]]
        if data["select"] is None and (any(by_value) or len(by_value) > 1 or data["otherwise"]):
            message = "select is missing: which value tells the events apart?"
            raise ValidationError(Complaint(message, code="mapping"), "events")
        if data["select"] is not None and not all(by_value):
            message = "with select, every activity says for which values it is"
            raise ValidationError(
                {"events": {by_value.index(False): {"activity": [Complaint(message, code="mapping")]}}}
            )

    @validates_schema
    def _no_value_twice(self, data: dict[str, Any], **_: object) -> None:
        seen: set[str] = set()
        for index, event in enumerate(data["events"]):
            for value in event.activity if isinstance(event.activity, Mapping) else ():
                if value in seen:
                    complaint = Complaint(f"{value} is mapped already", code="mapping")
                    raise ValidationError({"events": {index: {"activity": {value: [complaint]}}}})
                seen.add(value)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> StreamMapping:
        return StreamMapping(**(data | {"events": tuple(data["events"])}))


_FORMS: dict[str, type[StrictSchema]] = {
    "from": SourceSchema,
    "attributes": ObjectSchema,
    "items": ItemsSchema,
    "each": EachSchema,
}


def _each(pairs: Any, parse: Callable[[Any], Any]) -> dict[Any, Any]:
    """Return the parsed values by key; one error with all that went wrong, by key as well."""
    parsed, wrong = {}, {}
    for key, value in pairs:
        try:
            parsed[key] = parse((key, value)) if parse is _attribute else parse(value)
        except ValidationError as error:
            wrong[key] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return parsed


def _attribute(pair: tuple[str, Any]) -> Spec:
    name, value = pair
    if not _ATTRIBUTE.fullmatch(name):
        raise ValidationError(Complaint("must be a path of OCSF such as src_endpoint.ip", code="path"))
    return _spec(value)


def _spec(value: object) -> Spec:
    if value is None:
        return Dropped()
    if not isinstance(value, Mapping):
        return _constant(value)
    # `each` has attributes as well, so the more special word is looked for first.
    form = next((word for word in ("from", "items", "each", "attributes") if word in value), None)
    if form is None:
        message = f"says not where the value comes from: from, attributes, items or each{nearest('', value)}"
        raise ValidationError(Complaint(message, code="mapping"))
    loaded: Spec = _FORMS[form]().load(value)
    return loaded


def _constant(value: object) -> Constant:
    if isinstance(value, list) and all(isinstance(each, _SCALARS) for each in value):
        return Constant(tuple(value))
    if not isinstance(value, _SCALARS):
        raise ValidationError(Complaint("must be text, a number, true, false or a list of these", code="type"))
    return Constant(value)


def _activity(value: object) -> str | Source:
    if isinstance(value, str):
        return value
    source = SourceSchema().load(value) if isinstance(value, Mapping) else None
    if not isinstance(source, Source) or source.table is None:
        raise ValidationError(Complaint("must be an activity, or from and table that lead to one", code="mapping"))
    return source


def _values(value: object) -> tuple[Scalar, ...]:
    values = _constant(value).value
    if not isinstance(values, tuple) or not values:
        raise ValidationError(Complaint("must be a list of values", code="type"))
    return values
