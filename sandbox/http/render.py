"""Objects to JSON bytes, through the schema that documents them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from marshmallow import Schema


def dump(schema: Schema, thing: object) -> bytes:
    """Render one object."""
    return orjson.dumps(schema.dump(thing))


def dump_each(schema: Schema, things: Sequence[Any]) -> bytes:
    """Render several, joined by commas; rendered ones pass through, since the audit log renders once, at write."""
    if things and isinstance(things[0], bytes):
        return b",".join(things)
    return orjson.dumps(schema.dump(things, many=True))[1:-1]
