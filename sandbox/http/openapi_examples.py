"""Examples in the OpenAPI document: of every field, body and problem, so that a reader sees what it looks like.

A schema's own `example` counts first, then its choices, then the words for the name of the field, then its kind. A test
holds each example against the schema that it is of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sandbox.foundation.problems import FieldError, Problem
from sandbox.http.openapi_words import MOMENT, ULID, WORDS

_BY_KIND: Final[Mapping[str, Any]] = {
    "string": "text",
    "integer": 3,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
}


def add(document: dict[str, Any]) -> None:
    """Give an example to each field of each component, and to each body that has none."""
    components: dict[str, Any] = document["components"]["schemas"]
    for schema in components.values():
        for name, field in schema.get("properties", {}).items():
            if "$ref" not in field and "example" not in field:
                field["example"] = _of(field, components, name)
    for operations in document["paths"].values():
        for operation in operations.values():
            for content in _bodies(operation):
                if "schema" in content and "example" not in content and "examples" not in content:
                    content["example"] = _of(content["schema"], components, is_sent=content in _sent(operation))
            for parameter in operation.get("parameters", ()):
                if "example" not in parameter and parameter["in"] == "path":
                    parameter["example"] = _path_example(parameter["name"])


def of_problems(kinds: Iterable[type[Problem]], issuer: str) -> dict[str, Any]:
    """Show each problem of a status, by its code."""
    return {kind.code: {"summary": kind.title, "value": _problem(kind, issuer)} for kind in kinds}


def _problem(kind: type[Problem], issuer: str) -> dict[str, Any]:
    request_id = WORDS["request_id"]
    told: dict[str, Any] = {
        "type": f"{issuer}/docs/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": (kind.__doc__ or kind.title).partition("\n")[0],
        "instance": f"urn:request:{request_id}",
        "code": kind.code,
        "request_id": request_id,
    }
    if kind.code == "invalid-request":
        told["errors"] = [FieldError(pointer="/name", detail="Length must be between 1 and 200.")]
    return told


def _of(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "", *, is_sent: bool = False) -> Any:
    if "$ref" in schema:
        return _of(components[schema["$ref"].rsplit("/", 1)[1]], components, name, is_sent=is_sent)
    for own in _own(schema):
        return own
    for combination in ("allOf", "anyOf", "oneOf"):
        if combination in schema:
            return _of(schema[combination][0], components, name, is_sent=is_sent)
    if name in WORDS and _fits(WORDS[name], schema):
        return WORDS[name]
    kind = _kind(schema)
    if kind == "object" and "properties" in schema:
        return _object(schema, components, is_sent=is_sent)
    if kind == "array":
        return [_of(schema.get("items", {}), components, name, is_sent=is_sent)]
    return max(_BY_KIND[kind], schema.get("minimum", 0)) if kind == "integer" else _BY_KIND[kind]


def _own(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Tell what a schema itself says that it looks like."""
    if "example" in schema:
        yield schema["example"]
    if schema.get("default") is not None:
        yield schema["default"]
    yield from schema.get("enum", ())
    if schema.get("format") == "date-time":
        yield MOMENT


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "string")
    return next(one for one in kind if one != "null") if isinstance(kind, list) else str(kind)


def _object(schema: Mapping[str, Any], components: Mapping[str, Any], *, is_sent: bool) -> dict[str, Any]:
    """Show every member of an answer; of what is sent what must be there, or the first if nothing must."""
    properties: Mapping[str, Any] = schema["properties"]
    shown = (schema.get("required") or list(properties)[:1]) if is_sent else properties
    return {name: _of(properties[name], components, name, is_sent=is_sent) for name in shown}


_KINDS: Final[Mapping[str, Any]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", list(_KINDS))
    if "$ref" in schema or (isinstance(value, list) and not all(_fits(one, schema.get("items", {})) for one in value)):
        return False
    return any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "boolean") == isinstance(value, bool)


def _path_example(name: str) -> str:
    prefixes = {"user_id": "usr", "group_id": "grp", "role_id": "rol", "event_id": "evt", "delivery_id": "msg"}
    return WORDS["key"] if name == "key" else f"{prefixes.get(name, name[:3])}_{ULID}"


def _bodies(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    answers = [answer.get("content", {}) for answer in operation["responses"].values()]
    return [content for contents in answers for content in contents.values()] + _sent(operation)


def _sent(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(operation.get("requestBody", {}).get("content", {}).values())
