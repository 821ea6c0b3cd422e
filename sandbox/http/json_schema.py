"""JSON Schema 2020-12 of what crosses the wire, from the same marshmallow schemas that render and check it."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, validate
from marshmallow.fields import Field

from sandbox.http.moments import MomentField

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class JsonSchemaDocument(Schema):
    """A JSON Schema; anything that JSON Schema 2020-12 allows."""

    class Meta:
        """Open: the members are those of JSON Schema."""

        unknown = "include"


def plugin() -> MarshmallowPlugin:
    """Make the translator, taught our own field."""
    made = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    return made


def json_schema(schema: Schema, *, title: str) -> dict[str, Any]:
    """Translate one schema, nested ones under `$defs`."""
    translator = plugin()
    spec = APISpec(title="-", version="-", openapi_version="3.1.0", plugins=[translator])
    teach(translator)
    spec.components.schema("Root", schema=schema)
    schemas = _moved(spec.to_dict()["components"]["schemas"])
    return {"$schema": DIALECT, "title": title, **schemas.pop("Root"), "$defs": schemas}


def teach(translator: MarshmallowPlugin) -> None:
    """Tell the translator what a moment is, and what our patterns are elsewhere; it knows every stock field."""
    if translator.converter is not None:
        translator.converter.field_mapping[MomentField] = ("string", "date-time")
        translator.converter.add_attribute_function(_whole_pattern)  # type: ignore[no-untyped-call]


def _whole_pattern(_: object, field: Field[Any], ret: dict[str, Any], **__: object) -> dict[str, Any]:
    """Write a pattern as JSON Schema means it: found anywhere unless it is anchored, in the dialect of ECMA-262."""
    patterns = [str(one.regex.pattern) for one in field.validators if isinstance(one, validate.Regexp)]
    return {"pattern": f"^(?:{patterns[0].removesuffix(_END)})$"} if patterns else {}


_END = r"\Z"


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Schema")


def _moved(part: Any) -> Any:
    """Point references at `$defs` instead of an OpenAPI document's components."""
    if isinstance(part, dict):
        return {name: _moved(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_moved(value) for value in part]
    return part.replace("#/components/schemas/", "#/$defs/") if isinstance(part, str) else part
