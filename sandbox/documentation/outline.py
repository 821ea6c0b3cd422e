"""The OpenAPI document as the page shows it: operations by resource, schemas as short tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a body or an answer; `depth` says how far it is nested."""

    name: str
    type: str
    description: str
    required: bool
    depth: int


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: list[dict[str, Any]]
    body: list[FieldRow]
    answer: list[FieldRow]
    responses: list[tuple[str, str]]


def outline(document: dict[str, Any]) -> dict[str, list[OperationView]]:
    """Group the operations by tag."""
    groups: dict[str, list[OperationView]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(document, path, method, operation))
    return dict(sorted(groups.items()))


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> OperationView:
    success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return OperationView(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        scope=operation["security"][0]["oauth2"][0],
        parameters=operation["parameters"],
        body=list(_rows(document, _schema(operation.get("requestBody", {})))),
        answer=list(_rows(document, _schema(success))),
        responses=[(status, answer["description"]) for status, answer in sorted(operation["responses"].items())],
    )


def _schema(holder: dict[str, Any]) -> dict[str, Any]:
    content = holder.get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    return schema


def _rows(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Iterator[FieldRow]:
    resolved = _resolve(document, schema)
    required = set(resolved.get("required", ()))
    for name, part in resolved.get("properties", {}).items():
        inner = _resolve(document, part)
        yield FieldRow(name, _type(document, part), inner.get("description", ""), name in required, depth)
        if depth < 3:
            yield from _rows(document, inner.get("items", inner), depth + 1)


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return found
    for choice in schema.get("anyOf", ()):
        if "$ref" in choice:
            return _resolve(document, choice)
    return schema


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    resolved = _resolve(document, schema)
    kinds = resolved.get("type", "any")
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if "array" in names and "items" in resolved:
        names[names.index("array")] = f"[{_type(document, resolved['items'])}]"
    if "enum" in resolved and len(resolved["enum"]) <= 8:
        return " | ".join(orjson.dumps(value).decode().strip('"') for value in resolved["enum"])
    if any(choice.get("type") == "null" for choice in schema.get("anyOf", ())):
        names.append("null")
    return " or ".join(dict.fromkeys([*names, *([resolved["format"]] if "format" in resolved else [])]))
