"""What a list below one resource owes its callers, such as the members of a group, as tests to inherit.

    class TestMembers(ListBelowContract):
        path, scope, schema = "/v1/groups/grp_one/members", "groups:read", MemberSchema()
        id_field = "user_id"

        def make_parent(self, id_: str) -> None:
            builders.a_group(id=id_)

        def make(self) -> str:
            return builders.a_membership(self.parent, builders.a_user().id).user_id

Each tenant has a parent of that id. Such lists have no filters.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from sandbox.foundation import tenancy
from sandbox.http.json_schema import json_schema
from tests.sandbox.resources.contract import FORMATS, Headers, PagingContract, Token


class ListBelowContract(PagingContract):
    """A list that belongs to one resource, and is found as long as that is."""

    schema: ClassVar[Schema]
    test_list_refuses_a_cursor_with_other_filters = None

    def make_parent(self, id_: str) -> None:
        """Add the resource that the list belongs to, under this id."""
        raise NotImplementedError

    @property
    def parent(self) -> str:
        """The id in the path."""
        return self.path.split("/")[3]

    @pytest.fixture(autouse=True)
    def parents(self, app: Flask) -> None:
        for tenant_id in ("acme", "other"):
            with app.app_context(), tenancy.enter(tenant_id):
                self.make_parent(self.parent)

    def test_list_answers_404_when_what_it_belongs_to_is_unknown_or_another_tenants(
        self, app: Flask, client: FlaskClient, reader: Headers
    ) -> None:
        with app.app_context(), tenancy.enter("other"):
            self.make_parent(f"{self.parent}_2")
        names = (f"{self.parent}_2", "no_such", "%F0%9F%8D%92", "a b")
        answers = [client.get(self.path.replace(self.parent, name), headers=reader) for name in names]
        assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(404, "not-found")] * 4

    def test_list_holds_nothing_of_another_tenant(
        self, app: Flask, client: FlaskClient, reader: Headers, ids: list[str]
    ) -> None:
        with app.app_context(), tenancy.enter("other"):
            foreign = self.make()
        found = [row[self.id_field] for row in self.pager.walk(client, reader, self.path)]
        assert set(ids) <= set(found)
        assert foreign not in found

    def test_list_needs_a_token_of_the_tenant_with_the_scope(self, client: FlaskClient, token: Token) -> None:
        headers: list[dict[str, Any]] = [{}, token(self.scope, tenant="other"), token("scim")]
        answers = [client.get(self.path, headers=given) for given in headers]
        assert [answer.status_code for answer in answers] == [401, 401, 403]
        assert f'scope="{self.scope}"' in answers[2].headers["WWW-Authenticate"]

    def test_rows_fit_the_schema(self, client: FlaskClient, reader: Headers, ids: list[str]) -> None:
        schema = json_schema(self.schema, title="Row")
        rows = client.get(self.path, headers=reader).get_json()["data"]
        for row in rows:
            jsonschema.validate(row, schema, format_checker=FORMATS)
        assert {frozenset(row) for row in rows} == {frozenset(schema["properties"])}

    def test_repeated_parameter_is_refused_by_name(self, client: FlaskClient, reader: Headers) -> None:
        answer = client.get(f"{self.path}?limit=1&limit=2", headers=reader)
        assert (answer.status_code, self._pointers(answer)) == (400, ["?limit"])
