"""The OpenAPI 3.1 document, derived from the url map and the contracts above the views. Nothing here is typed twice.

A view without a contract is not part of the documented API. Its docstring is the documentation: first line the summary,
the rest the description.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from sandbox.foundation.problems import (
    InsufficientScope,
    InvalidCursor,
    InvalidJson,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from sandbox.http import openapi_examples, openapi_links
from sandbox.http.contract import Contract, contract_of
from sandbox.http.json_schema import plugin, teach
from sandbox.http.pagination import lines

_PATH_PARAMETER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>")


def build(app: Flask, *, version: str, issuer: str, scopes: dict[str, str], dpop: bool = True) -> dict[str, Any]:
    """Write the document for one tenant, whose issuer is the server address; `dpop` tells whether DPoP is on."""
    translator = plugin()
    spec = APISpec(
        title="Harbor API",
        version=version,
        openapi_version="3.1.0",
        plugins=[translator],
        info={
            "description": "The native API of Harbor, a simulated file and project collaboration service.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": issuer}],
        tags=[{"name": name} for name in sorted({rule.endpoint.split(".")[0] for rule, _ in documented(app)})],
    )
    teach(translator)
    spec.components.security_scheme("oauth2", _oauth2(issuer, scopes))
    if dpop:
        spec.components.security_scheme("dpop", DPOP)
    ways = ["oauth2", "dpop"] if dpop else ["oauth2"]
    spec.components.schema("Problem", PROBLEM)
    spec.components.schema("Page", PAGE)
    for rule, contract in documented(app):
        path = _PATH_PARAMETER.sub(r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation = _operation(app, rule, contract, translator, issuer)
            operation["security"] = [{way: [contract.scope]} for way in ways]
            spec.path(path, operations={method.lower(): operation})
    document: dict[str, Any] = spec.to_dict()
    openapi_examples.add(document)
    openapi_links.add(document)
    return document


def documented(app: Flask) -> Iterator[tuple[Rule, Contract]]:
    """List the routes that have a contract with a scope, in the order of their paths."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        contract = contract_of(app.view_functions[rule.endpoint])
        if contract is not None and contract.scope is not None:
            yield rule, contract


def _operation(app: Flask, rule: Rule, contract: Contract, translator: Any, issuer: str) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(app.view_functions[rule.endpoint].__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.split(".")[-1],
        "summary": summary.rstrip("."),
        "tags": [rule.endpoint.split(".")[0]],
        "parameters": [
            *_path_parameters(rule),
            *_query_parameters(contract, translator),
            *_header_parameters(contract),
        ],
        "responses": _responses(rule, contract, issuer),
    }
    if description.strip():
        operation["description"] = description.strip()
    if contract.body is not None:
        body = _paged_body(contract, translator) if contract.paging else contract.body
        needed = any(field.required for field in contract.body.fields.values())
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": body}}}
    return operation


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PARAMETER.findall(rule.rule)
    ]


def _query_parameters(contract: Contract, translator: Any) -> list[dict[str, Any]]:
    declared: list[dict[str, Any]] = []
    if contract.query is not None:
        declared = translator.converter.schema2parameters(contract.query, location="query")
    if contract.paging is not None and contract.paging.carried_in == "query":
        declared += [_described(name, described) for name, described in contract.paging.parameters.items()]
    return declared


def _described(name: str, described: Mapping[str, Any]) -> dict[str, Any]:
    schema = {key: value for key, value in described.items() if key != "description"}
    return {"name": name, "in": "query", "description": described["description"], "schema": schema}


def _paged_body(contract: Contract, translator: Any) -> dict[str, Any]:
    """Describe the body of a list that is asked for by POST: its filters and the parameters of its style."""
    filters = translator.converter.schema2jsonschema(contract.body).get("properties", {})
    parameters = contract.paging.parameters if contract.paging else {}
    return {"type": "object", "properties": {**filters, **parameters}, "additionalProperties": False}


def _header_parameters(contract: Contract) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "description": _HEADERS[name][0], "schema": _HEADERS[name][1]}
        for name in contract.request_headers
    ]


def _responses(rule: Rule, contract: Contract, issuer: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done." if contract.result is None else "The answer."}
    if contract.paging is not None:
        members = {"data": {"type": "array", "items": contract.result}, **contract.paging.members}
        envelope = {"type": "object", "required": list(members), "properties": members}
        answer = {"description": "A page.", "content": {"application/json": {"schema": envelope}}}
        if contract.streams:
            answer["description"] = "A page; or, if asked for, one object a line."
            answer["content"][lines.MEDIA_TYPE] = {"schema": contract.result}
    elif contract.result is not None:
        answer["content"] = {"application/json": {"schema": contract.result}}
    if contract.attachment:
        answer = {"description": "The content, to be kept as a file.", "content": {"application/octet-stream": {}}}
    headers = [*_EVERYWHERE, *(["ETag"] if contract.conditional else [])]
    answer["headers"] = {name: _told(name) for name in headers}
    for name, text in (contract.paging.headers if contract.paging else {}).items():
        answer["headers"][name] = {"schema": {"type": "string"}, "description": text}
    if contract.streams:
        answer["headers"] |= _LINE_HEADERS
    answers = {str(contract.status): answer}
    for status, problems in sorted(_problems(rule, contract).items()):
        codes = ", ".join(f"`{problem.code}`" for problem in problems)
        schema = {"$ref": "#/components/schemas/Problem"}
        shown = {"schema": schema, "examples": openapi_examples.of_problems(problems, issuer)}
        answers[str(status)] = {"description": codes, "content": {"application/problem+json": shown}}
        answers[str(status)]["headers"] = {
            name: _told(name) for name in ("X-Request-Id", *_WITH_STATUS.get(status, ()))
        }
    if contract.conditional and "GET" in (rule.methods or set()):
        answers["304"] = {"description": "Not modified."}
    return answers


def _told(name: str) -> dict[str, Any]:
    description, schema = _HEADERS[name]
    return {"description": description, "schema": schema}


def _problems(rule: Rule, contract: Contract) -> dict[int, list[type[Problem]]]:
    """Tell which problems a contract can lead to, by status."""
    possible: list[type[Problem]] = [InvalidRequest, Unauthenticated, InsufficientScope, RateLimited, Unavailable]
    if rule.arguments:
        possible.append(NotFound)
    if contract.paging is not None:
        possible.append(InvalidCursor)
    if contract.body is not None:
        possible += [InvalidJson, UnsupportedMediaType, PayloadTooLarge]
    if "If-Match" in contract.request_headers:
        possible += [PreconditionFailed, PreconditionRequired]
    possible += contract.problems
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in possible:
        if problem not in by_status.setdefault(problem.status, []):
            by_status[problem.status].append(problem)
    return by_status


def _oauth2(issuer: str, scopes: dict[str, str]) -> dict[str, Any]:
    """Describe how to get a token, which is presented as Bearer (RFC 6750)."""
    token = f"{issuer}/oauth/token"
    code = {"authorizationUrl": f"{issuer}/oauth/authorize", "tokenUrl": token, "refreshUrl": token, "scopes": scopes}
    return {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": token, "scopes": scopes}, "authorizationCode": code},
    }


DPOP = {
    "type": "http",
    "scheme": "DPoP",
    "description": "A token of the same flows that is bound to the client's key: `Authorization: DPoP <token>`, with a "
    "proof in the `DPoP` header of each request (RFC 9449 section 7.1).",
}
_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "If-Match": ("The ETag of the version that the change was made from (RFC 9110 section 13.1.1).", _TEXT),
    "Idempotency-Key": (
        "A name of the caller's own for this request: sent again with it, nothing is done twice.",
        {"type": "string", "minLength": 1, "maxLength": 255},
    ),
    "X-Request-Id": ("Names the request in the log, and to whoever helps.", _TEXT),
    "X-Harbor-Time": ("The server's business time.", {"type": "string", "format": "date-time"}),
    "RateLimit-Limit": ("How many requests the present window allows.", _COUNT),
    "RateLimit-Remaining": ("How many are left of them.", _COUNT),
    "RateLimit-Reset": ("In how many seconds the window ends.", _COUNT),
    "ETag": ("The version of what was read.", _TEXT),
    "Retry-After": ("How many seconds to wait.", _COUNT),
    "WWW-Authenticate": ("Why, and how to get a token that will do (RFC 6750 section 3).", _TEXT),
}
_EVERYWHERE = ("X-Request-Id", "X-Harbor-Time", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_WITH_STATUS = {401: ("WWW-Authenticate",), 403: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_LINE_HEADERS = {
    "X-Line-Count": {
        "description": "Of a stream: how many lines it has. One with fewer was cut off, and its cursor is not to be used.",
        "schema": {"type": "integer", "minimum": 0, "maximum": lines.MOST_LINES},
    },
    "X-Next-Cursor": {
        "description": "Of a stream: what `page.next_cursor` is of a page; absent at the end.",
        "schema": {"type": "string"},
    },
}
PAGE = {
    "type": "object",
    "required": ["limit", "next_cursor", "has_more", "as_of"],
    "properties": {
        "limit": {"type": "integer", "description": "Rows a page, as it was applied."},
        "next_cursor": {"type": ["string", "null"], "description": "Opaque; pass it as `cursor` to read on."},
        "has_more": {"type": "boolean", "description": "False: caught up for now."},
        "as_of": {"type": "string", "format": "date-time", "description": "The server's business time."},
    },
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, and what to do."},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Stable; for programs."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
