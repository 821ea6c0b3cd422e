"""Objects to JSON bytes, through the schema that documents them.

A schema is compiled once into the list of its steps. Services hand out objects whose values are of the wire's types
already, so only moments, nested objects and lists need work: an eighth of the cost of marshmallow's own `dump`, which a
test compares it with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

import orjson
from marshmallow import Schema, fields, missing

from sandbox.foundation.clock import from_milliseconds, to_wire
from sandbox.http.moments import MomentField

Converter = Callable[[Any], Any]
KEPT = 4096
"""Rendered views of one schema, of less than a kilobyte each as a rule."""
AS_IT_IS = (fields.String, fields.Integer, fields.Float, fields.Boolean, fields.Date, fields.Raw)


def dump(schema: Schema, thing: object) -> bytes:
    """Render one object."""
    return orjson.dumps(_renderer(schema)(thing))


def dump_each(schema: Schema, things: Sequence[Any], *, before: bytes = b"", behind: bytes = b"") -> bytes:
    """Render several, joined by commas and enclosed; rendered ones pass through: the audit log renders once, at write.

    All of it is put together in one step, since a page may have a megabyte. Views that are tuples of immutable values are
    remembered by all that they say, which is most of what a list costs that is read again and again: nothing that changed
    can look the same.
    """
    if things and isinstance(things[0], bytes):
        pieces = list(things)
    elif things and isinstance(things[0], tuple):
        pieces = list(map(_remembering(schema), things))
    else:
        pieces = [orjson.dumps(list(map(_renderer(schema), things)))[1:-1]]
    pieces[0] = before + pieces[0]
    pieces[-1] += behind
    return b",".join(pieces)


@lru_cache(maxsize=512)
def _remembering(schema: Schema) -> Callable[[Any], bytes]:
    render = _renderer(schema)
    return lru_cache(maxsize=KEPT)(lambda view: orjson.dumps(render(view)))


@lru_cache(maxsize=512)
def _renderer(schema: Schema) -> Converter:
    """Compile a schema; what an object or mapping does not have is left out, as marshmallow does."""
    steps = [
        (field.data_key or name, field.attribute or name, _converter(field))
        for name, field in schema.dump_fields.items()
    ]
    keys, attributes = [key for key, *_ in steps], [attribute for _, attribute, _ in steps]
    conversions = [(key, convert) for key, _, convert in steps if convert is not None]
    read_all: Callable[[Any], Any] = attrgetter(*attributes) if len(attributes) > 1 else _impossible

    def render(thing: Any) -> dict[str, Any]:
        try:
            shown = dict(zip(keys, read_all(thing), strict=True))  # Nearly always: an object that has everything.
        except AttributeError:
            read = thing.get if isinstance(thing, Mapping) else partial(getattr, thing)
            found = ((key, read(attribute, missing)) for key, attribute, _ in steps)
            shown = {key: value for key, value in found if value is not missing}
        for key, convert in conversions:
            if (value := shown.get(key)) is not None:
                shown[key] = convert(value)
        return shown

    return render


def _impossible(_: object) -> None:
    raise AttributeError  # With a single field, attrgetter gives no tuple.


def _converter(field: fields.Field[Any]) -> Converter | None:
    """Choose what a field's values need; None for nothing. A kind that is not known here is left to marshmallow."""
    if type(field) in AS_IT_IS:
        return None
    if isinstance(field, MomentField):
        return _moment
    if type(field) is fields.Nested and not field.many:
        return _renderer(field.schema)
    if type(field) is fields.List:
        convert = _converter(field.inner)
        return list if convert is None else partial(_convert_each, convert)
    return lambda value: field._serialize(value, None, None)


def _moment(value: datetime | int) -> str:
    return to_wire(from_milliseconds(value) if isinstance(value, int) else value)


def _convert_each(convert: Converter, values: Sequence[Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]
