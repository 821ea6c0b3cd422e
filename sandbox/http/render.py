"""Objects to JSON bytes, through the schema that documents them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from marshmallow import Schema


def dump(schema: Schema, thing: object) -> bytes:
    """Render one object."""
    return orjson.dumps(schema.dump(thing))


def dump_each(schema: Schema, things: Iterable[Any]) -> list[bytes]:
    """Render several; what is already bytes passes through, since the audit log renders once, at write."""
    return [thing if isinstance(thing, bytes) else orjson.dumps(schema.dump(thing)) for thing in things]
