"""What a test wants to be there, and tokens that grow old."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation.tenancy import enter
from sandbox.lab.rows import derived
from tests import builders

pytestmark = pytest.mark.storage

SCOPE = "audit:read users:read groups:read"


@pytest.fixture
def http(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context(), enter("acme"):
        builders.a_client()
        builders.a_role(key="member")
        token = builders.an_access_token(SCOPE, client_id="demo")
    client.environ_base["HTTP_X_BEARER"] = f"Bearer {token}"
    return client


def read(http: FlaskClient, path: str, **query: Any) -> Any:
    return http.get(path, query_string=query, headers={"Authorization": http.environ_base["HTTP_X_BEARER"]})


def test_people_groups_and_events_are_there_with_the_ids_asked_for(http: FlaskClient) -> None:
    body = {
        "users": [
            {"id": "usr_ada", "email": "ada@acme.example", "name": "Ada"},
            {"email": "b@acme.example", "name": "B"},
        ],
        "groups": [{"id": "grp_one", "name": "One", "member_ids": ["usr_ada"]}],
        "events": [
            {"action": "file.viewed", "count": 3, "actor_id": "usr_ada", "occurred_at": "2026-08-01T00:00:00Z"},
        ],
    }
    made = http.post("/_lab/seed", json=body)
    assert made.status_code == 201, made.get_json()
    assert (made.get_json()["users"][0], made.get_json()["groups"]) == ("usr_ada", ["grp_one"])
    assert read(http, "/v1/users/usr_ada").get_json()["email"] == "ada@acme.example"
    seen = read(http, "/v1/audit-events", action="file.viewed").get_json()["data"]
    assert [event["id"] for event in reversed(seen)] == made.get_json()["events"]
    assert {event["occurred_at"] for event in seen} == {"2026-08-01T00:00:00.000Z"}
    assert {event["actor"]["id"] for event in seen} == {"usr_ada"}


def test_id_that_is_not_given_follows_from_the_address(http: FlaskClient, app: Flask) -> None:
    body = {"users": [{"email": "B@acme.example", "name": "B"}]}
    (first,) = http.post("/_lab/seed", json=body).get_json()["users"]
    http.post("/_lab/seed", json={"users": [{"email": "c@acme.example", "name": "C"}]})
    assert first == derived("usr", "seeded", "b@acme.example")
    assert http.post("/_lab/seed", json=body).status_code == 409


def test_event_waits_for_its_time(http: FlaskClient) -> None:
    http.post("/_lab/seed", json={"events": [{"action": "file.viewed", "visible_after": 3600}]})
    assert read(http, "/v1/audit-events", action="file.viewed").get_json()["data"] == []
    http.put("/_lab/clock", json={"rate": 86_400})
    time.sleep(0.1)
    assert len(read(http, "/v1/audit-events", action="file.viewed").get_json()["data"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("seed", {"users": [{"email": "x"}]}, "/users/0/email"),
        ("seed", {"users": [{"email": "a@b.example", "name": "A", "id": "42"}]}, "/users/0/id"),
        ("seed", {"events": [{"action": "nonsense"}]}, "/events/0/action"),
        ("seed", {"events": [{"action": "file.viewed", "details": {"nonsense": 1}}]}, "/events/0/details"),
        ("seed", {"people": []}, "/people"),
        ("tokens/age", {"client_id": "nobody", "seconds": 1}, "/client_id"),
        ("tokens/age", {"client_id": "demo", "seconds": 0}, "/seconds"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_added(
    http: FlaskClient, path: str, body: dict[str, Any], pointer: str
) -> None:
    refused = http.post(f"/_lab/{path}", json=body)
    assert refused.status_code == 400, refused.get_json()
    assert pointer in [error["pointer"] for error in refused.get_json()["errors"]]


def test_member_who_does_not_exist_undoes_everything(http: FlaskClient) -> None:
    body = {"groups": [{"id": "grp_one", "name": "One", "member_ids": ["usr_nobody"]}]}
    assert http.post("/_lab/seed", json=body).status_code == 404
    assert read(http, "/v1/groups/grp_one").status_code == 404


def test_aged_token_expires_earlier(http: FlaskClient) -> None:
    assert read(http, "/v1/users").status_code == 200
    aged = http.post("/_lab/tokens/age", json={"client_id": "demo", "seconds": 60})
    assert aged.get_json() == {"aged": 1}
    assert read(http, "/v1/users").status_code == 200
    http.post("/_lab/tokens/age", json={"client_id": "demo", "seconds": 86_400})
    refused = read(http, "/v1/users")
    assert (refused.status_code, "expired" in refused.get_json()["detail"]) == (401, True)
