"""The JSON Schemas (2020-12) of a manifest's files, made from the marshmallow schemas that also judge them.

Editors check a manifest as it is typed with them. connector.yaml is described before its references are resolved:
wherever a component may stand, `$ref` or a plain pointer may stand as well, and a component with `$ref` need not be
complete. The other files know no references.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from reference_connector.manifest.actions import ActionsFileSchema
from reference_connector.manifest.detections import DetectionRuleSchema
from reference_connector.manifest.fields import Component, ComponentSchema, type_name
from reference_connector.manifest.normalization import NormalizationFileSchema
from reference_connector.manifest.posture import PostureRuleSchema
from reference_connector.manifest.schema import ConnectorSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
POINTER = {"type": "string", "pattern": "^#/definitions/"}

JsonSchema = dict[str, Any]

# Looked up from the most special class to the most general one.
_TYPES: tuple[tuple[type[fields.Field[Any]], JsonSchema], ...] = (
    (fields.Url, {"type": "string", "format": "uri"}),
    (fields.Boolean, {"type": "boolean"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Float, {"type": "number"}),
    (fields.String, {"type": "string"}),
    (fields.Raw, {}),
)


FILES: dict[str, tuple[type[Schema], str]] = {
    "connector": (ConnectorSchema, "connector.yaml"),
    "mapping": (NormalizationFileSchema, "mapping/*.yaml"),
    "posture": (PostureRuleSchema, "posture/*.yaml"),
    "detection": (DetectionRuleSchema, "detections/*.yaml"),
    "actions": (ActionsFileSchema, "actions.yaml"),
}


def json_schema(kind: str = "connector") -> JsonSchema:
    """Return the JSON Schema of one kind of file, a key of FILES."""
    schema, title = FILES[kind]
    writer = _Writer(has_references=kind == "connector")
    reference = writer.reference(schema)
    return {"$schema": DIALECT, "title": title, **reference, "$defs": dict(sorted(writer.definitions.items()))}


class _Writer:
    def __init__(self, *, has_references: bool) -> None:
        self.definitions: dict[str, JsonSchema] = {}
        self._has_references = has_references

    def reference(self, schema: type[Schema]) -> JsonSchema:
        """Return a reference to the definition of a schema, making it on first sight."""
        name = schema.__name__.removesuffix("Schema")
        if name not in self.definitions:
            self.definitions[name] = {}  # a schema that contains itself finds this
            self.definitions[name] = self._object(schema)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, schema: type[Schema]) -> JsonSchema:
        instance = schema()
        by_key = {field.data_key or name: field for name, field in instance.fields.items() if not field.dump_only}
        properties = {key: self.field(field) for key, field in by_key.items()}
        required = sorted(key for key, field in by_key.items() if field.required)
        if issubclass(schema, ComponentSchema):
            properties["type"] = {"const": type_name(schema)}
        if self._has_references:
            properties["$ref"] = POINTER
        result: JsonSchema = {
            "type": "object",
            "properties": properties,
            "patternProperties": {"^x-": {}},
            "additionalProperties": False,
        }
        if required and self._has_references:
            result["anyOf"] = [{"required": ["$ref"]}, {"required": required}]
        elif required:
            result["required"] = required
        return result

    def field(self, field: fields.Field[Any]) -> JsonSchema:
        """Return the schema of one field with its validators."""
        result = self._typed(field)
        for validator in field.validators:
            result = _constrained(result, validator)
        if field.metadata.get("description"):
            result = {**result, "description": field.metadata["description"]}
        if field.allow_none and result and field.required:
            result = {"anyOf": [result, {"type": "null"}]}
        return result

    def _typed(self, field: fields.Field[Any]) -> JsonSchema:
        if "json_schema" in field.metadata:
            return dict(field.metadata["json_schema"])
        if isinstance(field, Component):
            return self._one_of([self.reference(schema) for schema in field.schemas.values()])
        if isinstance(field, fields.Nested):
            inner = self._one_of([self.reference(type(field.schema))])
            return {"type": "array", "items": inner} if field.many else inner
        if isinstance(field, fields.List):
            return {"type": "array", "items": self.field(field.inner)}
        if isinstance(field, fields.Dict):
            values = self.field(field.value_field) if field.value_field is not None else {}
            return {"type": "object", "additionalProperties": values}
        for kind, result in _TYPES:
            if isinstance(field, kind):
                return dict(result)
        return {}

    def _one_of(self, choices: list[JsonSchema]) -> JsonSchema:
        choices = [*choices, POINTER] if self._has_references else choices
        return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _constrained(schema: JsonSchema, validator: object) -> JsonSchema:
    if isinstance(validator, validate.OneOf):
        return {**schema, "enum": list(validator.choices)}
    if isinstance(validator, validate.Equal):
        return {**schema, "const": validator.comparable}
    if isinstance(validator, validate.NoneOf):
        return {**schema, "not": {"enum": list(validator.iterable)}}
    if isinstance(validator, validate.Regexp):
        return {**schema, "pattern": validator.regex.pattern}
    if isinstance(validator, validate.Length):
        return {**schema, **_length(schema, validator)}
    if isinstance(validator, validate.Range):
        return {**schema, **_range(validator)}
    return schema


def _length(schema: JsonSchema, validator: validate.Length) -> JsonSchema:
    noun = {"array": "Items", "object": "Properties"}.get(schema.get("type", ""), "Length")
    bounds = {f"min{noun}": validator.min, f"max{noun}": validator.max}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _range(validator: validate.Range) -> JsonSchema:
    low = "minimum" if validator.min_inclusive else "exclusiveMinimum"
    high = "maximum" if validator.max_inclusive else "exclusiveMaximum"
    return {name: bound for name, bound in ((low, validator.min), (high, validator.max)) if bound is not None}
