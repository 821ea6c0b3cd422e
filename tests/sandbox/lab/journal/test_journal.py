"""What the journal tells of a request, and what it never tells."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from tests.sandbox.lab.travel import bearer, fault, journal, machine_token
from tests.sandbox.oauth.journey import ADMIN, CONNECTOR, WEB, Journey


def test_token_request_is_told_in_full(go: Journey) -> None:
    answer = machine_token(go)
    (entry,) = journal(go.http)
    assert entry["request_id"] == answer.headers["X-Request-Id"]
    assert (entry["method"], entry["path"], entry["client_id"]) == ("POST", "/oauth/token", "demo-connector")
    assert (entry["status"], entry["error"], entry["rule"], entry["faults"]) == (200, None, None, [])
    assert entry["duration_ms"] > 0
    assert entry["request"]["form"] == {"grant_type": "client_credentials"}
    assert entry["answer"]["body"]["token_type"] == "Bearer"
    assert entry["answer"]["body"]["access_token"].startswith("<access_token ")


def test_refusal_names_its_rule(go: Journey) -> None:
    go.authorize(code_challenge=None)
    (entry,) = journal(go.http)
    assert (entry["status"], entry["error"], entry["rule"]) == (303, "invalid_request", "RFC 7636 section 4.2")


def test_refusal_on_a_page_names_its_rule(go: Journey) -> None:
    """A page for people is no document, so the refusal is heard when it is announced."""
    go.authorize(client_id="nobody")
    (entry,) = journal(go.http)
    assert (entry["status"], entry["error"], entry["rule"]) == (400, "invalid_client", "RFC 6749 section 5.2")


def test_refused_api_request_is_told_and_an_answered_one_is_not(go: Journey) -> None:
    headers = bearer(go)
    go.http.get("/v1/users", headers=headers)
    go.http.get("/v1/users", headers={"Authorization": "Bearer x.y.z"})
    refused, issued = journal(go.http)
    assert (refused["path"], refused["error"], refused["rule"]) == (
        "/v1/users",
        "invalid_token",
        "RFC 9068 section 4",
    )
    assert issued["path"] == "/oauth/token"


def test_whole_journey_leaves_no_secret_behind(go: Journey) -> None:
    """Password, code, tokens, cookie and client secrets: in no entry, under no name."""
    code = go.code(ADMIN)
    tokens = go.redeem(code).get_json()
    refreshed = go.refresh(tokens["refresh_token"]).get_json()
    go.http.post("/oauth/revoke", data={"token": refreshed["refresh_token"]}, auth=WEB)
    go.http.post("/oauth/token", json={"code": code, "client_secret": WEB[1]})
    go.http.get("/v1/users?limit=x", headers={"Authorization": f"Bearer {refreshed['access_token']}"})
    cookie = go.http.get_cookie("harbor_acme")
    assert cookie is not None
    secrets = [ADMIN[1], WEB[1], code, cookie.value]
    for name in ("access_token", "refresh_token", "id_token"):
        secrets += [answer[name] for answer in (tokens, refreshed) if name in answer]
    told = json.dumps(journal(go.http, limit=1000))
    assert [secret for secret in secrets if secret in told] == []
    assert len(journal(go.http)) >= 9


def test_refresh_token_can_be_followed(go: Journey) -> None:
    go.refresh(go.tokens()["refresh_token"])
    used, brought, *_ = journal(go.http, client_id="demo-web")
    assert used["request"]["form"]["refresh_token"] == brought["answer"]["body"]["refresh_token"]


def test_journal_is_filtered_and_limited(go: Journey) -> None:
    machine_token(go)
    go.token(grant_type="nothing")
    machine_token(go)
    assert [entry["client_id"] for entry in journal(go.http)] == ["demo-connector", "demo-web", "demo-connector"]
    assert len(journal(go.http, client_id="demo-connector")) == 2
    assert [entry["client_id"] for entry in journal(go.http, limit=1)] == ["demo-connector"]
    assert go.http.get("/_lab/journal?limit=0").status_code == 400
    assert go.http.get("/_lab/journal?client=x").status_code == 400


def test_unknown_request_is_not_found(go: Journey) -> None:
    assert go.http.get("/_lab/journal/req_unknown").status_code == 404


def test_journal_knows_its_own_tenant_only(go: Journey, app: Flask) -> None:
    machine_token(Journey(app.test_client(), "/t/other"))
    assert journal(go.http) == []


def test_lab_and_static_files_are_not_told(go: Journey) -> None:
    go.http.get("/_lab/nothing")
    go.http.get("/oauth/static/style.css")
    assert journal(go.http) == []


def test_answer_that_a_fault_gave_is_the_one_that_is_told(go: Journey) -> None:
    set_ = fault(go.http, "expires_in", {"form": "string"})
    machine_token(go)
    (entry,) = journal(go.http)
    assert (entry["answer"]["body"]["expires_in"], entry["faults"]) == ("3600", [set_])


@pytest.mark.parametrize("length", [100, 5_000, 50_000])
def test_long_request_is_told_in_short(go: Journey, length: int) -> None:
    refused = go.http.post("/oauth/token", data={"grant_type": "x", "scope": "y" * length}, auth=CONNECTOR)
    (entry,) = journal(go.http)
    assert (entry["request_id"], entry["status"]) == (refused.headers["X-Request-Id"], 400)
    assert len(json.dumps(entry)) < 8_000
