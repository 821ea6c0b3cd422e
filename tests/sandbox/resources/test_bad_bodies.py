"""Whatever is sent to a route that writes, what is wrong is a problem that says so, and nothing is different afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sandbox.foundation.database import Model, db
from sandbox.foundation.tenancy import across_tenants
from sandbox.http.contract import contract_of

Headers = dict[str, str]
JSON = "application/json"
DEEP = 5_000
UNREADABLE = {
    "half an object": b'{"name": ',
    "two objects": b"{}{}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no UTF-8": b'{"name": "\xff"}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "NaN": b'{"name": NaN}',
    "deep nesting": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "deep lists": b'{"name":' + b"[" * DEEP + b"]" * DEEP + b"}",
}
UNKNOWN: dict[str, Any] = {
    "text": "x",
    "a huge number": 10**18,
    "a huge fraction": 1e308,
    "a list": [[]],
    "an object": {"a": {"b": None}},
    "null": None,
}
TYPES = {
    "a form": "application/x-www-form-urlencoded",
    "text": "text/plain",
    "XML": "application/xml",
    "none": None,
}


def writing(app: Flask) -> list[tuple[str, Rule]]:
    """Give method and rule of each route of the native API that takes a body."""
    return sorted(
        (
            (method, rule)
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/v1/") and (found := contract_of(app.view_functions[rule.endpoint])) and found.body
            for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        ),
        key=str,
    )


def address(app: Flask, rule: Rule) -> str:
    """Fill a rule in with ids that nothing has: a body is looked at before what it is for."""
    return str(app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "no_such")))


@pytest.fixture
def content(app: Flask) -> Callable[[], dict[str, list[Any]]]:
    """Read every row of every table, of all tenants."""

    def read() -> dict[str, list[Any]]:
        with app.app_context(), across_tenants("to compare everything"), db.engine.connect() as connection:
            tables = Model.metadata.sorted_tables
            return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables}

    return read


@pytest.fixture
def send(client: FlaskClient, anything: Headers) -> Callable[..., TestResponse]:
    def ask(method: str, path: str, data: bytes, content_type: str | None = JSON, **headers: str) -> TestResponse:
        given = {**anything, "If-Match": '"x"', **headers}
        return client.open(path, method=method, data=data, content_type=content_type, headers=given)

    return ask


def test_there_are_routes_that_write(app: Flask) -> None:
    assert len(writing(app)) > 30


@pytest.mark.storage
def test_body_that_is_refused_says_why_and_changes_nothing(
    app: Flask, send: Callable[..., TestResponse], content: Callable[[], dict[str, list[Any]]]
) -> None:
    send("GET", "/v1/users", b"", None)
    before, wrong = content(), []
    for method, rule in writing(app):
        path = address(app, rule)
        for name, body in UNREADABLE.items():
            answer = send(method, path, body)
            if (answer.status_code, _problem(answer).get("code")) not in {
                (400, "invalid-json"),
                (400, "invalid-request"),
            }:
                wrong.append((method, path, name, answer.status_code, answer.text[:200]))
        for name, value in UNKNOWN.items():
            answer = send(method, path, orjson.dumps({"surprise": value}))
            if answer.status_code != 400 or "/surprise" not in _pointers(answer):
                wrong.append((method, path, f"unknown: {name}", answer.status_code, answer.text[:200]))
        for name, content_type in TYPES.items():
            answer = send(method, path, b"{}", content_type)
            if (answer.status_code, _problem(answer).get("code")) != (415, "unsupported-media-type"):
                wrong.append((method, path, f"type: {name}", answer.status_code, answer.text[:200]))
    assert wrong == []
    assert {name for name, rows in content().items() if rows != before[name]} == set()


def test_field_of_a_wrong_kind_is_named_and_changes_nothing(
    app: Flask, send: Callable[..., TestResponse], content: Callable[[], dict[str, list[Any]]]
) -> None:
    """Each field of each body in turn gets what no field takes."""
    send("GET", "/v1/users", b"", None)
    before, wrong = content(), []
    for method, rule in writing(app):
        body = contract_of(app.view_functions[rule.endpoint]).body  # type: ignore[union-attr]
        fields = [field.data_key or name for name, field in body.fields.items() if name != "value"]  # type: ignore[union-attr]
        for field in fields:
            for value in ({"a": [1]}, "x\0y", 10**400):
                text = b'{"%s": %s}' % (field.encode(), _json(value))
                answer = send(method, address(app, rule), text)
                named = any(pointer.startswith(f"/{field}") for pointer in _pointers(answer))
                if answer.status_code != 400 or not (named or _problem(answer)["code"] == "invalid-json"):
                    wrong.append((method, rule.rule, field, str(value)[:20], answer.status_code, answer.text[:200]))
    assert wrong == []
    assert {name for name, rows in content().items() if rows != before[name]} == set()


def _json(value: Any) -> bytes:
    return str(value).encode() if isinstance(value, int) else orjson.dumps(value)


def _problem(answer: TestResponse) -> dict[str, Any]:
    return answer.get_json() if answer.content_type == "application/problem+json" else {}


def _pointers(answer: TestResponse) -> list[str]:
    return [error["pointer"] for error in _problem(answer).get("errors", [])]
