"""Any faults together: the answers they promise and never a bug, and with them gone everything works as before."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import fields
from werkzeug.test import TestResponse

from sandbox.http.pagination import STYLES, PaginationStyle
from sandbox.lab.faults.catalog import KINDS
from sandbox.lab.faults.fault import Kind
from tests.sandbox.lab.travel import fault, machine_token
from tests.sandbox.oauth.journey import USER, Journey

ROUTES = ["/*", "/v1/*", "/dialects/*", "token", "jwks", "/oauth/*", "authorize", "/.well-known/*"]
PROMISED = {200, 201, 303, 400, 401, 403, 404, 409, 410, 429, 502, 503}


def values(name: str, field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    """Something that a parameter takes."""
    if name == "seconds" and isinstance(field, fields.Float):
        return st.just(0)
    if choices := getattr(field.validate, "choices", None):
        return st.sampled_from(list(choices))
    if isinstance(field, fields.Integer):
        low, high = field.validate.min or 0, field.validate.max or 9  # type: ignore[union-attr]
        return st.integers(low, min(high, 4000))
    return st.just(field.load_default)


def kinds(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """A fault of a kind, with any parameters and any timing."""
    parameters = {name: values(name, field) for name, field in kind.parameters.fields.items()}
    waits = {name: st.just(0) for name, field in kind.parameters.fields.items() if isinstance(field, fields.Float)}
    rest = {name: given for name, given in parameters.items() if name not in waits}
    return st.fixed_dictionaries(
        {"kind": st.just(kind.name), "parameters": st.fixed_dictionaries(waits, optional=rest)},
        optional={
            "client_id": st.sampled_from(["demo-connector", "demo-web"]),
            "route": st.sampled_from(ROUTES),
            "count": st.sampled_from([1, 2, None]),
            "every": st.integers(1, 3),
            "after": st.integers(0, 3),
            "probability": st.sampled_from([0.3, 1]),
            "seed": st.integers(0, 9),
        },
    )


combinations = st.lists(st.sampled_from(list(KINDS.values())).flatmap(kinds), min_size=1, max_size=5)


def lists(http: FlaskClient, style: PaginationStyle, headers: dict[str, str]) -> list[TestResponse]:
    """Ask for the first people, and for those behind any token, in a style."""
    path, second = f"/dialects/{style.name}/users", dict.fromkeys(style.parameters, "2")
    if style.carried_in == "query":
        return [http.get(path, query_string=given, headers=headers) for given in ({}, second)]
    continued = f"{path}/continue" if style.name == "start-continue" else path
    first = http.post(path, json={"limit": 1}, headers=headers)
    cursor = (first.get_json(silent=True, force=True) or {}).get("cursor")
    return [first, http.post(continued, json={"cursor": cursor}, headers=headers)]


def walk(go: Journey) -> list[int]:
    """Go everywhere a client goes, whatever the answers are; tells the statuses."""
    http = go.http
    answers = [http.get(path) for path in ("/.well-known/oauth-authorization-server", "/oauth/jwks")]
    machine = machine_token(go)
    person = go.redeem("guessed")
    refreshed = go.refresh("guessed")
    answers += [machine, person, refreshed, go.authorize(prompt="none")]
    token = (machine.get_json(silent=True, force=True) or {}).get("access_token", "none")
    bearer = {"Authorization": f"Bearer {token}"}
    for query in ({"limit": 1}, {"limit": 1, "cursor": "guessed"}):
        answers.append(http.get("/v1/users", query_string=query, headers=bearer))
    for name in ("link-header", "offset", "start-continue"):
        answers += lists(http, STYLES[name], bearer)
    answers.append(http.post("/oauth/revoke", data={"token": token}, auth=("demo-connector", "demo-connector-secret")))
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("name", list(KINDS))
def test_one_fault_everywhere_brings_no_bug(go: Journey, name: str) -> None:
    """On every route, at once with a person's journey."""
    set_ = {"route": "/*", "count": None, "parameters": {"seconds": 0} if name in {"jwks_slow", "hangs"} else {}}
    tokens = go.tokens(USER)
    fault(go.http, name, **set_)
    seen = [*walk(go), go.use(tokens["access_token"]), go.refresh(tokens["refresh_token"]).status_code]
    assert set(seen) <= PROMISED


@settings(max_examples=25)
@given(chosen=combinations)
def test_any_faults_together_bring_no_bug_and_leave_nothing_behind(
    seeded_app: Flask, chosen: list[dict[str, Any]]
) -> None:
    go = Journey(seeded_app.test_client())
    try:
        for one in chosen:
            fault(go.http, **one)
        assert {*walk(go), *walk(go)} <= PROMISED
        assert go.http.delete("/_lab/faults").status_code == 200
    finally:
        assert go.http.post("/_lab/reset").status_code == 200
    assert machine_token(go).status_code == 200
    assert set(walk(go)) <= {200, 303, 400}


def test_refusing_faults_name_the_status_they_promise(go: Journey) -> None:
    """So that the tests above could fail: some answers do change."""
    fault(go.http, "unavailable", route="/*", count=None)
    assert set(walk(go)) == {503}
