"""Objects to JSON bytes, through the schema that documents them.

A schema is compiled once into the list of its steps. Services hand out objects whose values are of the wire's types
already, so only moments, nested objects and lists need work: an eighth of the cost of marshmallow's own `dump`, which a
test compares it with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import orjson
from marshmallow import Schema, fields, missing

from sandbox.foundation.clock import to_wire
from sandbox.http.moments import MomentField

Converter = Callable[[Any], Any]
AS_IT_IS = (fields.String, fields.Integer, fields.Float, fields.Boolean, fields.Date, fields.Raw)


def dump(schema: Schema, thing: object) -> bytes:
    """Render one object."""
    return orjson.dumps(_renderer(schema)(thing))


def dump_each(schema: Schema, things: Sequence[Any]) -> bytes:
    """Render several, joined by commas; rendered ones pass through, since the audit log renders once, at write."""
    if things and isinstance(things[0], bytes):
        return b",".join(things)
    return orjson.dumps(list(map(_renderer(schema), things)))[1:-1]


@lru_cache(maxsize=512)
def _renderer(schema: Schema) -> Converter:
    """Compile a schema; what an object or mapping does not have is left out, as marshmallow does."""
    steps = [
        (field.data_key or name, field.attribute or name, _converter(field))
        for name, field in schema.dump_fields.items()
    ]

    def render(thing: Any) -> dict[str, Any]:
        read = thing.get if isinstance(thing, Mapping) else partial(getattr, thing)
        shown = {}
        for key, attribute, convert in steps:
            value = read(attribute, missing)
            if value is not missing:
                shown[key] = value if convert is None or value is None else convert(value)
        return shown

    return render


def _converter(field: fields.Field[Any]) -> Converter | None:
    """Choose what a field's values need; None for nothing. A kind that is not known here is left to marshmallow."""
    if type(field) in AS_IT_IS:
        return None
    if isinstance(field, MomentField):
        return to_wire
    if type(field) is fields.Nested and not field.many:
        return _renderer(field.schema)
    if type(field) is fields.List:
        convert = _converter(field.inner)
        return list if convert is None else partial(_convert_each, convert)
    return lambda value: field._serialize(value, None, None)


def _convert_each(convert: Converter, values: Sequence[Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]
