"""The OpenAPI document, judged by a validator that nobody here wrote, and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from sandbox.app import create_app
from sandbox.foundation.problems import every_problem
from sandbox.http.contract import contract_of
from sandbox.settings import Settings

SERVED = ("/v1", "/dialects/")


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def test_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_of_the_native_api_is_documented(app: Flask, document: dict[str, Any]) -> None:
    routes = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(SERVED)}
    documented = {path.replace("{", "<").replace("}", ">") for path in document["paths"]}
    assert {re.sub(r"<[^>]*:", "<", route) for route in routes} == documented


def test_every_view_of_the_native_api_requires_a_scope_or_an_identity(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(SERVED):
            contract = contract_of(app.view_functions[rule.endpoint])
            assert contract is not None
            assert contract.scope is not None, rule.rule


def test_every_operation_has_a_summary_and_its_problems(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys(), (method, path)


def test_every_operation_takes_tokens_of_both_schemes(document: dict[str, Any]) -> None:
    """RFC 9449 §7.1: a bound token has a scheme of its own; which scope is needed is the same for both."""
    schemes = document["components"]["securitySchemes"]
    assert (schemes["dpop"]["type"], schemes["dpop"]["scheme"]) == ("http", "DPoP")
    for operations in document["paths"].values():
        for operation in operations.values():
            oauth2, dpop = operation["security"]
            assert oauth2["oauth2"] == dpop["dpop"] != []


def test_scheme_that_is_off_is_not_named(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, oauth_off=("dpop",)))
    document = app.test_client().get("/openapi.json").get_json()
    assert document["components"]["securitySchemes"].keys() == {"oauth2"}
    assert all(len(one["security"]) == 1 for operations in document["paths"].values() for one in operations.values())


def test_document_names_the_address_it_was_asked_at(client: FlaskClient) -> None:
    assert client.get("/t/other/openapi.json").json["servers"] == [{"url": "http://localhost/t/other"}]


def test_page_needs_no_network_and_no_script(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not any(word in page.text for word in ("<script", "src=", "@import", "url("))


@pytest.mark.parametrize("code", sorted({problem.code for problem in every_problem()}))
def test_every_problem_has_the_page_that_its_type_names(client: FlaskClient, code: str) -> None:
    assert code in client.get(f"/docs/problems/{code}").text


def test_unknown_problem_has_no_page(client: FlaskClient) -> None:
    assert client.get("/docs/problems/nonsense").status_code == 404


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    """Of bodies in both directions, and of each field; judged by jsonschema."""
    shown = 0
    for schema, example, where in _examples(document):
        whole = {**schema, "components": document["components"]}
        errors = [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(example)]
        assert errors == [], where
        shown += 1
    assert shown > 700


def test_every_body_and_problem_has_an_example(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            contents = [answer.get("content", {}) for answer in operation["responses"].values()]
            for content in (*contents, operation.get("requestBody", {}).get("content", {})):
                for kind, body in content.items():
                    assert "schema" not in body or {"example", "examples"} & body.keys(), (method, path, kind)


def test_what_is_created_can_be_followed(document: dict[str, Any]) -> None:
    """Links lead from what creates and lists to what goes on with one row, each to an operation that there is."""
    known = {one["operationId"] for operations in document["paths"].values() for one in operations.values()}
    created = document["paths"]["/v1/projects"]["post"]["responses"]["201"]["links"]
    assert created["update_project"]["parameters"] == {"project_id": "$response.body#/id"}
    linked = {
        link["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    }
    assert len(linked) > 60
    assert linked <= known


def _examples(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any, object]]:
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            if "example" in described:
                yield described, described["example"], (name, field)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = list(operation["responses"].items())
            for status, answer in [*answers, ("request", operation.get("requestBody", {}))]:
                for body in answer.get("content", {}).values():
                    shown = [one["value"] for one in body.get("examples", {}).values()]
                    for example in [*shown, *([body["example"]] if "example" in body else [])]:
                        yield body["schema"], example, (method, path, status)
