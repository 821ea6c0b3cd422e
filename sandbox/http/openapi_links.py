"""Links in the OpenAPI document: which operations go on with what an answer names, for readers and for stateful tests.

An answer that has an `id` leads to everything below its own address: what is created can be read, changed and deleted, and
what is listed too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def add(document: dict[str, Any]) -> None:
    """Link what creates and what lists to what goes on with one row."""
    paths: dict[str, Any] = document["paths"]
    for path, operations in paths.items():
        below = _below(path, paths)
        for method, status, pointer in (("post", "201", "id"), ("get", "200", "data/0/id")):
            answer = operations.get(method, {}).get("responses", {}).get(status)
            if answer and below and _has_id(answer, document, is_list=method == "get"):
                answer["links"] = {
                    name: _link(operation, parameter, path, pointer) for name, operation, parameter in below
                }


def _below(path: str, paths: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """List what goes on with one row of a path, as (name, operation, parameter); what needs a further id is left out."""
    pattern = re.compile(re.escape(path) + r"/\{([a-z_]+)\}(/[a-z-]+)?")
    matches = [(match[1], paths[other]) for other in paths if (match := pattern.fullmatch(other))]
    return [
        (operation["operationId"], operation["operationId"], parameter)
        for parameter, operations in matches
        for operation in operations.values()
    ]


def _link(operation: str, parameter: str, path: str, pointer: str) -> dict[str, Any]:
    outer = {name: f"$request.path.{name}" for name in re.findall(r"\{([a-z_]+)\}", path)}
    return {"operationId": operation, "parameters": {**outer, parameter: f"$response.body#/{pointer}"}}


def _has_id(answer: Mapping[str, Any], document: Mapping[str, Any], *, is_list: bool) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    if is_list:
        schema = schema.get("properties", {}).get("data", {}).get("items", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return "id" in schema.get("properties", {})
