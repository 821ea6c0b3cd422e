"""What a resource that can be changed owes its callers besides, as tests to inherit.

class TestRoles(BodyContract):
    path, scope, schema = "/v1/roles", "roles:read", RoleSchema()
    filters = ("key=a", "key=b")
    writes = (Write("delete", "DELETE", …),)

    def make(self) -> str:
        return builders.a_role().id
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation import tenancy
from tests.sandbox.resources.contract import Headers, ResourceContract, Token


@dataclass(frozen=True)
class Write:
    """One way to change something: `path` gets the id of a row; path and body are made in the tenant, when needed.

    `bad` are field → value that each must be refused by name; `action` is the audit event that the write leaves.
    """

    name: str
    method: str
    path: Callable[[str], str]
    scope: str
    action: str
    status: int = 204
    body: Callable[[], dict[str, Any]] | None = None
    bad: dict[str, Any] = field(default_factory=dict)


class WritableContract(ResourceContract):
    """A resource that can also be changed: each of `writes` is recorded once, or refused without a trace."""

    writes: ClassVar[Sequence[Write]]

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        """Add what a write needs beside the token, such as If-Match."""
        return headers

    @pytest.fixture
    def target(self, write: Write, ids: list[str], acme: Callable[[], AbstractContextManager[Any]]) -> str:
        with acme():
            return write.path(ids[0])

    @pytest.fixture
    def body(self, write: Write, acme: Callable[[], AbstractContextManager[Any]]) -> dict[str, Any] | None:
        with acme():
            return write.body() if write.body else None

    @pytest.fixture
    def writer(self, write: Write, token: Token, client: FlaskClient, target: str) -> Headers:
        return self.headers_for(write, client, token(f"{write.scope} {self.scope}"), target)

    def test_write_leaves_exactly_one_audit_event(
        self,
        client: FlaskClient,
        write: Write,
        target: str,
        body: dict[str, Any] | None,
        writer: Headers,
        logged: Callable[[], list[dict[str, Any]]],
    ) -> None:
        before = len(logged())
        answer = client.open(target, method=write.method, headers=writer, json=body)
        assert answer.status_code == write.status, answer.text
        event = logged()[before:]
        assert [one["action"] for one in event] == [write.action]
        assert (event[0]["actor"]["id"], event[0]["request_id"]) == ("demo", answer.headers["X-Request-Id"])

    def test_write_needs_its_scope(
        self, client: FlaskClient, write: Write, target: str, body: dict[str, Any] | None, token: Token
    ) -> None:
        reading = token(self.scope) if write.scope != self.scope else token("scim")
        before = self._rows(client, token)
        answers = [
            client.open(target, method=write.method, json=body),
            client.open(target, method=write.method, json=body, headers=reading),
        ]
        assert [answer.status_code for answer in answers] == [401, 403]
        assert self._rows(client, token) == before

    def test_write_answers_404_when_the_target_is_unknown_or_another_tenants(
        self,
        app: Flask,
        client: FlaskClient,
        targeted_write: Write,
        ids: list[str],
        acme: Callable[[], AbstractContextManager[Any]],
        token: Token,
    ) -> None:
        _, headers, body = self._arranged(client, targeted_write, ids, acme, token)
        with app.app_context(), tenancy.enter("other"):
            foreign = targeted_write.path(self.make())
        before = client.get(f"/t/other{self.path}", headers=token(self.scope, tenant="other")).get_json()["data"]
        answers = [
            client.open(path, method=targeted_write.method, headers=headers, json=body)
            for path in (foreign, foreign.replace(foreign.split("/")[3], "no_such"))
        ]
        after = client.get(f"/t/other{self.path}", headers=token(self.scope, tenant="other")).get_json()["data"]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert after == before

    def _arranged(
        self,
        client: FlaskClient,
        write: Write,
        ids: list[str],
        acme: Callable[[], AbstractContextManager[Any]],
        token: Token,
    ) -> tuple[str, Headers, Any]:
        with acme():
            target, body = write.path(ids[0]), write.body() if write.body else None
        return target, self.headers_for(write, client, token(f"{write.scope} {self.scope}"), target), body

    def _rows(self, client: FlaskClient, token: Token) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = client.get(f"{self.path}?limit=1000", headers=token(self.scope)).get_json()["data"]
        return rows


class BodyContract(WritableContract):
    """A resource with writes that have bodies: what is wrong in one is named, and changes nothing."""

    def test_write_with_a_bad_field_names_it_and_changes_nothing(
        self,
        client: FlaskClient,
        body_write: Write,
        ids: list[str],
        acme: Callable[[], AbstractContextManager[Any]],
        token: Token,
        logged: Callable[[], list[dict[str, Any]]],
    ) -> None:
        target, headers, body = self._arranged(client, body_write, ids, acme, token)
        before = (self._rows(client, token), len(logged()))
        for name, value in {**body_write.bad, "surprise": 1}.items():
            answer = client.open(target, method=body_write.method, headers=headers, json={**body, name: value})
            pointers = [error["pointer"] for error in answer.get_json().get("errors", [])]
            assert (answer.status_code, [pointer.split("/")[1] for pointer in pointers]) == (400, [name]), answer.text
        assert (self._rows(client, token), len(logged())) == before

    def test_write_with_an_unreadable_body_is_refused(
        self,
        client: FlaskClient,
        body_write: Write,
        ids: list[str],
        acme: Callable[[], AbstractContextManager[Any]],
        token: Token,
    ) -> None:
        target, headers, _ = self._arranged(client, body_write, ids, acme, token)
        before = self._rows(client, token)
        plain = {"headers": headers, "method": body_write.method}
        answers = [
            client.open(target, data=b"{", content_type="application/json", **plain),
            client.open(target, data=b"[]", content_type="application/json", **plain),
            client.open(target, data=b'{"a":"\xff"}', content_type="application/json", **plain),
            client.open(target, data=b"a=b", content_type="application/x-www-form-urlencoded", **plain),
            client.open(target, data=b" " * 1_048_577, content_type="application/json", **plain),
        ]
        assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [
            (400, "invalid-json"),
            (400, "invalid-json"),
            (400, "invalid-json"),
            (415, "unsupported-media-type"),
            (413, "payload-too-large"),
        ]
        assert self._rows(client, token) == before
