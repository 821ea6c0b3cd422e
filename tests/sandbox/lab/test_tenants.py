"""Tenants of a class: each the same company with secrets of its own, and nobody reaches another's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from sandbox.cli import main
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import enter
from sandbox.oauth.passwords import verify
from sandbox.resources.users.model import User

Run = Callable[..., Result]
Seeded = Callable[..., Flask]


@pytest.fixture
def app(seeded: Seeded) -> Flask:
    return seeded(bind_host="0.0.0.0", lab_key="server-key")


@pytest.fixture
def run(app: Flask) -> Run:
    database = app.config["SETTINGS"].database_url
    return lambda *arguments: CliRunner().invoke(main, [*arguments, "--database", database])


@pytest.fixture
def team(run: Run) -> dict[str, dict[str, Any]]:
    made = run("tenant", "create", "--count", "2", "--prefix", "team", "--url", "http://localhost", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    return {one["tenant"]: one for one in told["data"]} | {"instructor": {"lab_key": told["instructor_lab_key"]}}


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


def token(http: FlaskClient, tenant: str, secret: str) -> Any:
    form = {"grant_type": "client_credentials"}
    return http.post(f"/t/{tenant}/oauth/token", data=form, auth=("demo-connector", secret))


def bearer(http: FlaskClient, one: dict[str, Any]) -> dict[str, str]:
    answer = token(http, one["tenant"], one["clients"][0]["client_secret"])
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def lab(key: str) -> dict[str, str]:
    return {"Authorization": f"Lab {key}"}


def test_each_is_the_same_company(http: FlaskClient, team: dict[str, Any]) -> None:
    logs = []
    for name in ("team-01", "team-02"):
        answer = http.get(f"/t/{name}/v1/audit-events?order=asc&limit=1000", headers=bearer(http, team[name]))
        logs.append(answer.get_json()["data"])
        checked = http.get(f"/t/{name}/v1/audit-events/integrity", headers=bearer(http, team[name])).get_json()
        assert checked["verified"]
    assert logs[0] == logs[1]
    assert team["team-01"]["address"] == "http://localhost/t/team-01"


def test_secrets_of_one_open_no_other(http: FlaskClient, team: dict[str, Any]) -> None:
    one, two = team["team-01"], team["team-02"]
    assert token(http, "team-02", one["clients"][0]["client_secret"]).status_code == 401
    assert token(http, "team-01", "demo-connector-secret").status_code == 401
    assert http.get("/t/team-02/v1/users", headers=bearer(http, one)).status_code == 401
    assert http.get("/t/team-02/_lab/clock", headers=lab(one["lab_key"])).status_code == 401
    assert http.get("/t/team-02/_lab/clock", headers=lab(two["lab_key"])).status_code == 200


def test_known_key_and_registration_token_stay_behind(http: FlaskClient, team: dict[str, Any]) -> None:
    registration = {"redirect_uris": ["https://app.example/cb"], "client_name": "x"}
    known = {"Authorization": "Bearer harbor-registration"}
    assert http.post("/t/team-01/oauth/register", json=registration, headers=known).status_code == 401
    own = {"Authorization": f"Bearer {team['team-01']['registration_token']}"}
    assert http.post("/t/team-01/oauth/register", json=registration, headers=own).status_code == 201
    assert http.post("/t/team-01/oauth/token", data={"client_id": "demo-key"}).status_code in {400, 401}


def test_participant_has_neither_truth_nor_the_whole_server(http: FlaskClient, team: dict[str, Any]) -> None:
    mine = lab(team["team-01"]["lab_key"])
    assert http.get("/t/team-01/_lab/truth", headers=mine).status_code == 403
    assert http.post("/t/team-01/_lab/reset", json={"tenants": "all"}, headers=mine).status_code == 403
    assert http.post("/t/team-01/_lab/reset", headers=mine).status_code == 200


@pytest.mark.parametrize("key", ["instructor", "server-key"])
def test_instructor_has_both_in_every_tenant(http: FlaskClient, team: dict[str, Any], key: str) -> None:
    mine = lab(team[key]["lab_key"] if key in team else key)
    truth = http.get("/t/team-01/_lab/truth", headers=mine)
    assert (truth.status_code, len(truth.text.splitlines()) > 20) == (200, True)
    for name in ("team-01", "team-02"):
        http.put(f"/t/{name}/_lab/clock", json={"now": "2026-10-01T00:00:00Z"}, headers=mine)
    assert http.post("/_lab/reset", json={"tenants": "all"}, headers=mine).status_code == 200
    for name in ("team-01", "team-02"):
        assert http.get(f"/t/{name}/_lab/clock", headers=mine).get_json()["now"].startswith("2026-09-01")


def test_own_secret_lasts_over_a_reset(http: FlaskClient, team: dict[str, Any]) -> None:
    one = team["team-01"]
    http.post("/t/team-01/_lab/reset", headers=lab(one["lab_key"]))
    assert token(http, "team-01", one["clients"][0]["client_secret"]).status_code == 200


def test_clocks_and_limits_are_apart(http: FlaskClient, team: dict[str, Any]) -> None:
    one, two = team["team-01"], team["team-02"]
    http.put("/t/team-01/_lab/limits", json={"client": "1/minute"}, headers=lab(one["lab_key"]))
    http.put("/t/team-01/_lab/clock", json={"now": "2026-10-01T00:00:00Z"}, headers=lab(one["lab_key"]))
    mine, others = bearer(http, one), bearer(http, two)
    assert [http.get("/t/team-01/v1/roles", headers=mine).status_code for _ in range(2)] == [200, 429]
    answers = [http.get("/t/team-02/v1/roles", headers=others) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].headers["X-Harbor-Time"].startswith("2026-09-01")


def test_person_signs_in_with_the_password_that_was_handed_out(http: FlaskClient, team: dict[str, Any]) -> None:
    person = team["team-01"]["people"][0]
    with http.application.app_context(), enter("team-01"):
        kept = db.session.scalar(select(User.password_hash).where(User.email == person["sign_in"]))
    assert verify(person["password"], kept)
    assert not verify("harbor-admin", kept)


def test_tenants_are_listed_shown_and_deleted(run: Run, team: dict[str, Any], http: FlaskClient) -> None:
    listed = json.loads(run("tenant", "list", "--json").stdout)["data"]
    assert [one["tenant"] for one in listed] == ["acme", "team-01", "team-02"]
    assert json.loads(run("tenant", "show", "team-01", "--json").stdout)["lab_keys"] == 1
    assert run("tenant", "delete", "team-01").exit_code == 0
    assert http.get("/t/team-01/v1/users").status_code == 404
    assert http.get("/t/team-02/v1/audit-events/integrity", headers=bearer(http, team["team-02"])).status_code == 200
    assert run("tenant", "create", "team-01", "--json").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [("create",), ("create", "Team"), ("create", "acme"), ("delete", "acme"), ("delete", "nobody"), ("show", "nobody")],
)
def test_what_cannot_be_done_is_told(run: Run, arguments: tuple[str, ...]) -> None:
    refused = run("tenant", *arguments)
    assert refused.exit_code == 2
    assert "remedy:" in refused.output


def test_page_to_print_has_everything(run: Run) -> None:
    page = run("tenant", "create", "alice", "--url", "http://lab.example:8000", "--markdown").stdout
    for word in ("# alice", "http://lab.example:8000/t/alice", "admin@acme.example", "demo-connector", "Lab key"):
        assert word in page
