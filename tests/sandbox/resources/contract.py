"""What every resource owes its callers, as tests to inherit.

    class TestApps(ResourceContract):
        path, scope, schema = "/v1/apps", "apps:read", AppSchema()
        filters = ("status=enabled", "status=disabled")

        def make(self) -> str:
            return builders.an_app().id

`make` adds one row to the tenant that is entered and gives its id. That is all: the new resource has its tests. One that
can be changed too inherits from `write_contract.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from sandbox.foundation import tenancy
from sandbox.http.json_schema import json_schema
from tests.sandbox.resources.pagers import NATIVE, Pager

Token = Callable[..., dict[str, str]]
Headers = dict[str, str]


FORMATS = jsonschema.FormatChecker()
FORMATS.checks("date-time")(lambda text: text is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text))


_OF_FILTERS = "test_list_refuses_a_cursor_with_other_filters"
_OF_CURSORS = (
    _OF_FILTERS,
    "test_list_refuses_a_cursor_that_was_changed",
    "test_list_refuses_a_cursor_of_another_resource",
    "test_list_refuses_a_cursor_of_another_tenant",
)


class PagingContract:
    """A list that is read page by page, in whatever style: `pager` asks for pages as a client of that style would."""

    path: ClassVar[str]
    scope: ClassVar[str]
    filters: ClassVar[tuple[str, str]]
    id_field: ClassVar[str] = "id"
    pager: ClassVar[Pager] = NATIVE

    def __init_subclass__(cls, **options: Any) -> None:
        """Leave out what a style has nothing for: tests of a cursor, or of filters that are given beside one."""
        super().__init_subclass__(**options)
        for name in _OF_CURSORS if cls.pager.token is None else () if cls.pager.takes_filters else (_OF_FILTERS,):
            setattr(cls, name, None)

    def make(self) -> str:
        """Add one row to the tenant that is entered, and give its id."""
        raise NotImplementedError

    def order(self, row: dict[str, Any]) -> Any:
        """What rows are ordered by."""
        return row[self.id_field]

    @pytest.fixture
    def reader(self, token: Token) -> Headers:
        return token(self.scope)

    @pytest.fixture
    def ids(self, acme: Callable[[], AbstractContextManager[Any]]) -> list[str]:
        with acme():
            return sorted(self.make() for _ in range(3))

    def test_list_gives_every_row_once_when_walked_one_by_one(
        self, client: FlaskClient, reader: Headers, ids: list[str]
    ) -> None:
        walked = self.pager.walk(client, reader, self.path, limit=1)
        found = [row[self.id_field] for row in walked]
        assert set(ids) <= set(found)
        assert len(found) == len(set(found))
        assert [self.order(row) for row in walked] == sorted(self.order(row) for row in walked)

    def test_list_skips_and_repeats_nothing_when_rows_are_added_between_pages(
        self, client: FlaskClient, reader: Headers, ids: list[str], acme: Callable[[], AbstractContextManager[Any]]
    ) -> None:
        def add() -> None:
            with acme():
                self.make()

        walked = self.pager.walk(client, reader, self.path, limit=2, after_first=add)
        counted = Counter(row[self.id_field] for row in walked)
        assert set(ids) <= counted.keys()
        assert set(counted.values()) == {1}

    def test_list_refuses_a_limit_that_is_no_positive_number(self, client: FlaskClient, reader: Headers) -> None:
        limits = self.pager.bad_limits
        answers = [self.pager.ask(client, reader, self.path, {self.pager.limit: limit}) for limit in limits]
        pointer = self.pager.pointer(self.pager.limit)
        assert [(answer.status_code, self._pointers(answer)) for answer in answers] == [(400, [pointer])] * len(limits)

    def test_list_lowers_a_limit_that_is_too_large(self, client: FlaskClient, reader: Headers) -> None:
        given = {self.pager.limit: 99999999999999999999 if self.pager.method == "GET" else 2**53}
        answer = self.pager.ask(client, reader, self.path, given)
        assert answer.status_code == 200
        assert self.pager.applied(answer.get_json()) in {1000, None}

    def test_list_refuses_a_parameter_that_is_unknown_by_name(self, client: FlaskClient, reader: Headers) -> None:
        answer = self.pager.ask(client, reader, self.path, {"surprise": "1"})
        assert (answer.status_code, self._pointers(answer)) == (400, [self.pager.pointer("surprise")])

    def test_list_refuses_a_cursor_that_was_changed(self, client: FlaskClient, reader: Headers, ids: list[str]) -> None:
        cursor = self._cursor(client, reader)
        middle = len(cursor) // 2
        changed = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
        answers = [self.pager.go_on(client, reader, self.path, text) for text in (changed, "x", self.pager.nul, "")]
        assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(400, "invalid-cursor")] * 4

    def test_list_refuses_a_cursor_with_other_filters(
        self, client: FlaskClient, reader: Headers, ids: list[str]
    ) -> None:
        cursor = self._cursor(client, reader)
        name, _, value = self.filters[0].partition("=")
        answer = self.pager.go_on(client, reader, self.path, cursor, {name: value})
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-cursor")
        assert answer.get_json()["changed"] == [name]

    def test_list_refuses_a_cursor_of_another_resource(
        self, client: FlaskClient, reader: Headers, token: Token
    ) -> None:
        feed = client.get("/v1/audit-events?order=asc", headers=token("audit:read")).get_json()
        answer = self.pager.go_on(client, reader, self.path, feed["page"]["next_cursor"])
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-cursor")

    def test_list_refuses_a_cursor_of_another_tenant(
        self, app: Flask, client: FlaskClient, reader: Headers, token: Token
    ) -> None:
        with app.app_context(), tenancy.enter("other"):
            for _ in range(3):
                self.make()
        cursor = self._cursor(client, token(self.scope, tenant="other"), prefix="/t/other")
        answer = self.pager.go_on(client, reader, self.path, cursor)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-cursor")

    def test_page_costs_the_same_statements_however_long(
        self,
        client: FlaskClient,
        reader: Headers,
        ids: list[str],
        statements: Callable[[], AbstractContextManager[list[str]]],
    ) -> None:
        self.pager.ask(client, reader, self.path, {self.pager.limit: 1})  # The first request also reads keys.
        counts = []
        for limit in (1, 2):
            with statements() as seen:
                self.pager.ask(client, reader, self.path, {self.pager.limit: limit})
            counts.append(len(seen))
        assert counts[0] == counts[1] or self.pager.statements_vary
        assert max(counts) <= self.pager.most_statements

    def _cursor(self, client: FlaskClient, headers: Headers, *, prefix: str = "") -> str:
        answer = self.pager.ask(client, headers, f"{prefix}{self.path}", {self.pager.limit: 1})
        return self.pager.cursor(answer)

    @staticmethod
    def _pointers(answer: Any) -> list[str]:
        return [error["pointer"] for error in answer.get_json()["errors"]]


class ResourceContract(PagingContract):
    """A resource that can be listed and read."""

    schema: ClassVar[Schema]

    @pytest.fixture
    def one(self, ids: list[str]) -> str:
        return f"{self.path}/{ids[1]}"

    def test_parameter_that_is_unknown_or_repeated_is_refused_by_name(
        self, client: FlaskClient, reader: Headers, one: str
    ) -> None:
        queries = {
            f"{self.path}?surprise=1": "?surprise",
            f"{self.path}?limit=1&limit=2": "?limit",
            f"{one}?surprise=1": "?surprise",
        }
        answers = {query: client.get(query, headers=reader) for query in queries}
        assert {query: (answer.status_code, self._pointers(answer)) for query, answer in answers.items()} == {
            query: (400, [name]) for query, name in queries.items()
        }

    def test_read_answers_404_when_the_id_is_unknown(self, client: FlaskClient, reader: Headers) -> None:
        answers = [
            client.get(f"{self.path}/{unknown}", headers=reader) for unknown in ("no_such", "%F0%9F%8D%92", "a b")
        ]
        assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(404, "not-found")] * 3

    def test_read_answers_404_when_the_row_is_another_tenants(
        self, app: Flask, client: FlaskClient, reader: Headers
    ) -> None:
        with app.app_context(), tenancy.enter("other"):
            foreign = self.make()
        assert client.get(f"{self.path}/{foreign}", headers=reader).status_code == 404
        assert foreign not in [row[self.id_field] for row in self.pager.walk(client, reader, self.path)]

    def test_request_without_a_token_is_told_where_to_get_one(self, client: FlaskClient) -> None:
        """RFC 6750 §3.1: no credentials, no error code; RFC 9728 §5.1: the metadata's address."""
        answer = client.get(self.path)
        assert answer.status_code == 401
        assert "resource_metadata=" in answer.headers["WWW-Authenticate"]
        assert "error=" not in answer.headers["WWW-Authenticate"]

    def test_request_of_another_tenants_token_is_unauthenticated(self, client: FlaskClient, token: Token) -> None:
        answer = client.get(self.path, headers=token(self.scope, tenant="other"))
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    def test_request_without_the_scope_is_refused(self, client: FlaskClient, token: Token, one: str) -> None:
        """RFC 6750 §3.1: insufficient_scope names what is needed."""
        answers = [client.get(path, headers=token("scim")) for path in (self.path, one)]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert all(f'scope="{self.scope}"' in answer.headers["WWW-Authenticate"] for answer in answers)

    def test_wrong_method_is_told_which_are_right(self, client: FlaskClient, reader: Headers, one: str) -> None:
        """RFC 9110 §15.5.6."""
        answers = [client.put(path, headers=reader) for path in (self.path, one)]
        assert [answer.status_code for answer in answers] == [405, 405]
        assert all("GET" in answer.headers["Allow"] for answer in answers)

    def test_read_answers_304_when_the_caller_has_this_version(
        self, client: FlaskClient, reader: Headers, one: str
    ) -> None:
        """RFC 9110 §13.1.2."""
        first = client.get(one, headers=reader)
        again = client.get(one, headers={**reader, "If-None-Match": first.headers["ETag"]})
        other = client.get(one, headers={**reader, "If-None-Match": '"another"'})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
        assert (other.status_code, other.data) == (200, first.data)

    def test_answers_fit_the_schema_of_the_resource(self, client: FlaskClient, reader: Headers, one: str) -> None:
        schema = json_schema(self.schema, title="Resource")
        rows = [client.get(one, headers=reader).get_json(), *client.get(self.path, headers=reader).get_json()["data"]]
        for row in rows:
            jsonschema.validate(row, schema, format_checker=FORMATS)
        assert {frozenset(row) for row in rows} == {frozenset(schema["properties"])}

    def test_every_answer_names_the_request_and_what_is_left(
        self, client: FlaskClient, reader: Headers, token: Token, one: str
    ) -> None:
        answers = [
            client.get(self.path, headers=reader),
            client.get(one, headers=reader),
            client.get(f"{self.path}/no_such", headers=reader),
            client.get(f"{self.path}?limit=0", headers=reader),
            client.get(self.path, headers=token("scim")),
        ]
        for name in ("X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"):
            assert all(name in answer.headers for answer in answers), name

    def test_problems_are_one_shape(self, client: FlaskClient, reader: Headers) -> None:
        """RFC 9457 §3."""
        answer = client.get(f"{self.path}/no_such", headers=reader)
        problem = answer.get_json()
        assert answer.content_type == "application/problem+json"
        assert problem.keys() >= {"type", "title", "status", "detail", "instance", "code", "request_id"}
        assert problem["request_id"] == answer.headers["X-Request-Id"]
