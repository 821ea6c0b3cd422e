"""How the files of the output folder are read: what is absent is None, what is malformed stops the report.

The page says what is absent. A page that quietly leaves out what it cannot read would be worse than none. Unknown keys
are left alone, so that newer writers do not break older readers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from reference_connector.errors import FixManifest

SEVERITIES = ("critical", "high", "medium", "low", "informational")


def read_document(path: Path) -> Any:
    """Return the JSON of a file, None if there is no such file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return _decode(content, str(path))


def read_lines(path: Path) -> list[tuple[str, Any]] | None:
    """Return (place, document) for every line of a .jsonl file, None if there is no such file."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    return [(f"{path}:{number}", _decode(line, f"{path}:{number}")) for number, line in enumerate(lines, start=1)]


def load(schema: Schema, document: Any, place: str) -> Any:
    """Return what the schema makes of a document; FixManifest names the place if it is not one."""
    try:
        return schema.load(document)
    except ValidationError as error:
        raise _malformed(place, _first(error.messages)) from error


class Known(Schema):
    """The keys that the page shows; others are left alone."""

    class Meta:
        unknown = EXCLUDE


def count(**options: Any) -> fields.Integer:
    """Return a field for a whole number of things."""
    return fields.Integer(strict=True, validate=validate.Range(min=0), **{"required": True, **options})


def percent() -> fields.Float:
    """Return a field for a score, null if there is none."""
    return fields.Float(required=True, allow_none=True, validate=validate.Range(0, 100))


def _decode(content: bytes, place: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _malformed(place, f"not JSON: {error}") from error


def _malformed(place: str, why: str) -> FixManifest:
    return FixManifest(
        f"{place} cannot be used: {why}",
        code="broken-output",
        remedy="run the step that writes this file again; nothing but the connector may write to the output folder",
    )


def _first(messages: Any, path: str = "") -> str:
    """Return the first of marshmallow's nested messages with its path."""
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        return _first(inner, path if key == "_schema" else f"{path}.{key}".lstrip("."))
    return f"{path}: {messages[0]}" if path else str(messages[0])
