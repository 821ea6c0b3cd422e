"""`/_lab/faults` and `sandbox fault`: setting, showing and clearing, and whom a fault reaches."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import event

from sandbox.cli import main
from sandbox.foundation.database import db
from sandbox.lab.faults.catalog import KINDS
from tests.sandbox.lab.travel import bearer, fault, machine_token, state, statuses
from tests.sandbox.oauth.journey import Journey

Seeded = Callable[..., Flask]


def test_fault_fires_as_often_as_it_should_and_is_then_used_up(go: Journey) -> None:
    set_ = fault(go.http, "unavailable", count=2)
    assert statuses(go, 4) == [503, 503, 200, 200]
    assert state(go.http, set_) == (2, 2)
    assert go.http.get(f"/_lab/faults/{set_}").get_json()["is_used_up"] is True


def test_after_every_and_count_combine(go: Journey) -> None:
    fault(go.http, "unavailable", after=1, every=2, count=2)
    assert statuses(go, 7) == [200, 200, 503, 200, 503, 200, 200]


def test_fault_reaches_one_client_only(go: Journey) -> None:
    """By what the request claims, before anything is proven."""
    fault(go.http, "unavailable", client_id="demo-web")
    assert machine_token(go).status_code == 200
    assert go.token(grant_type="client_credentials").status_code == 503
    assert go.token(auth=None, grant_type="client_credentials", client_id="demo-web").status_code == 503


@pytest.mark.parametrize("route", ["jwks", "oauth.jwks", "/oauth/jwks", "/oauth/j*"])
def test_fault_goes_where_it_is_sent(go: Journey, route: str) -> None:
    fault(go.http, "unavailable", route=route)
    assert (go.http.get("/oauth/jwks").status_code, machine_token(go).status_code) == (503, 200)


def test_fault_on_the_api_speaks_the_apis_language(go: Journey) -> None:
    headers = bearer(go)
    fault(go.http, "throttled", {"seconds": 7}, route="/v1/*", client_id="demo-connector")
    refused = go.http.get("/v1/users", headers=headers)
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert (refused.get_json()["code"], refused.headers["Retry-After"]) == ("rate-limited", "7")


def test_fault_stays_in_its_tenant(go: Journey, app: Flask, identities: None) -> None:
    fault(go.http, "unavailable")
    assert machine_token(Journey(app.test_client(), "/t/other")).status_code == 200


def test_lab_itself_is_never_hit(go: Journey) -> None:
    fault(go.http, "unavailable", route="/*")
    assert go.http.get("/_lab/faults").status_code == 200
    assert go.http.get("/oauth/jwks").status_code == 503


def test_clearing_one_or_all(go: Journey) -> None:
    first, second = fault(go.http, "unavailable"), fault(go.http, "html_instead")
    assert go.http.delete(f"/_lab/faults/{first}").status_code == 204
    assert [one["id"] for one in go.http.get("/_lab/faults").get_json()["data"]] == [second]
    assert go.http.delete("/_lab/faults").get_json() == {"cleared": 1}
    assert statuses(go, 1) == [200]
    assert go.http.delete(f"/_lab/faults/{first}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/kind"),
        ({"kind": "earthquake"}, "/kind"),
        ({"kind": "throttled", "parameters": {"form": "dates"}}, "/parameters/form"),
        ({"kind": "throttled", "parameters": {"second": 1}}, "/parameters/second"),
        ({"kind": "throttled", "parameters": []}, "/parameters"),
        ({"kind": "token_dies", "parameters": {"page": 1}}, "/parameters/page"),
        ({"kind": "throttled", "client_id": "nobody"}, "/client_id"),
        ({"kind": "throttled", "client_id": "a\u0000"}, "/client_id"),
        ({"kind": "throttled", "route": "tokens"}, "/route"),
        ({"kind": "throttled", "count": 0}, "/count"),
        ({"kind": "throttled", "every": 0}, "/every"),
        ({"kind": "throttled", "after": -1}, "/after"),
        ({"kind": "throttled", "probability": 0}, "/probability"),
        ({"kind": "throttled", "seed": 2**40}, "/seed"),
        ({"kind": "throttled", "times": 1}, "/times"),
    ],
    ids=str,
)
def test_what_makes_no_fault_is_named(go: Journey, body: dict[str, Any], pointer: str) -> None:
    refused = go.http.post("/_lab/faults", json=body)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (400, pointer)
    assert go.http.get("/_lab/faults").get_json() == {"data": []}


def test_there_is_an_end_to_faults(go: Journey) -> None:
    for _ in range(100):
        fault(go.http, "throttled", count=1, after=1000)
    assert go.http.post("/_lab/faults", json={"kind": "throttled"}).status_code == 409


def test_catalog_describes_every_kind(go: Journey) -> None:
    listed = go.http.get("/_lab/faults/catalog").get_json()["data"]
    assert [kind["kind"] for kind in listed] == list(KINDS)
    for kind in listed:
        assert len(kind["story"]) > 60
        assert len(kind["good_client"]) > 60
        assert kind["acts"]
        Draft202012Validator.check_schema(kind["parameters"])
        assert all("default" in given for given in kind["parameters"].get("properties", {}).values())


def test_without_faults_a_request_asks_the_database_nothing_more(go: Journey, app: Flask) -> None:
    headers = bearer(go)
    seen: list[str] = []
    go.http.get("/v1/users", headers=headers)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    go.http.get("/v1/users", headers=headers)
    assert seen
    assert not [sql for sql in seen if "lab_" in sql]


def test_journal_names_the_fault_that_fired(go: Journey) -> None:
    set_ = fault(go.http, "throttled", count=1)
    refused = machine_token(go)
    entry = go.http.get(f"/_lab/journal/{refused.headers['X-Request-Id']}").get_json()
    assert (entry["faults"], entry["status"], entry["rule"]) == ([set_], 429, "RFC 6585 section 4")


def test_faults_need_the_labs_door(app: Flask, go: Journey) -> None:
    """Rulings 3: another tenant's lab is closed without a key."""
    assert go.http.get("/t/other/_lab/faults").status_code == 401
    assert go.http.get("/t/other/_lab/journal").status_code == 401
    assert go.http.post("/_lab/faults", json={}, headers={"Origin": "http://evil.example"}).status_code == 403


def test_reset_clears_faults(seeded: Seeded) -> None:
    http = seeded().test_client()
    fault(http, "unavailable")
    assert http.post("/_lab/reset").status_code == 200
    assert http.get("/_lab/faults").get_json() == {"data": []}
    assert statuses(Journey(http), 1) == [200]


def test_production_has_neither_faults_nor_journal(seeded: Seeded) -> None:
    fault(seeded().test_client(), "unavailable")
    production = seeded(production=True).test_client()
    assert production.get("/_lab/faults").status_code == 404
    assert production.get("/_lab/journal").status_code == 404
    assert statuses(Journey(production), 1) == [200]


@pytest.fixture
def command(seeded_file: Path, tmp_path: Path) -> Callable[..., Any]:
    """Run `sandbox fault …` on a database of its own."""
    copy = tmp_path / "cli.sqlite"
    shutil.copyfile(seeded_file, copy)
    return lambda *given: CliRunner().invoke(main, ["fault", *given, "--database", str(copy)])


def test_command_sets_lists_and_clears(command: Callable[..., Any]) -> None:
    given = ("--param", "page=3", "--client-id", "demo-connector", "--json")
    made = json.loads(command("add", "token_dies", *given).stdout)
    assert (made["parameters"], made["after"], made["count"]) == ({"page": 3}, 1, 1)
    assert [one["id"] for one in json.loads(command("list", "--json").stdout)["data"]] == [made["id"]]
    assert made["id"] in command("list").stdout
    assert json.loads(command("clear", made["id"], "--json").stdout) == {"cleared": 1}
    assert json.loads(command("list", "--json").stdout) == {"data": []}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["earthquake"], "token_dies"),
        (["throttled", "--param", "form"], "--param form"),
        (["throttled", "--param", "form=dates"], "parameters/form"),
        (["throttled", "--count", "0"], "count"),
        (["throttled", "--client-id", "nobody"], "client_id"),
    ],
)
def test_command_names_what_is_wrong(command: Callable[..., Any], given: list[str], named: str) -> None:
    done = command("add", *given)
    assert (done.exit_code, named in done.stderr) == (2, True)


def test_command_shows_the_catalog() -> None:
    shown = json.loads(CliRunner().invoke(main, ["fault", "catalog", "--json"]).stdout)["data"]
    assert [kind["kind"] for kind in shown] == list(KINDS)
    assert "refresh_lost" in CliRunner().invoke(main, ["fault", "catalog"]).stdout


def test_kinds_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        next(iter(KINDS.values())).name = "other"  # type: ignore[misc]
