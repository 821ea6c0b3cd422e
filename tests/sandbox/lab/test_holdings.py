"""What the seeded company keeps is reached through the API as far as each person's own, and comes back with a reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from sandbox.access.scopes import API, EVERY_READ, EVERYTHING, MEMBER
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import enter
from sandbox.resources.roles.model import Role
from sandbox.resources.users.model import User
from tests import builders

Seeded = Callable[..., Flask]
Headers = dict[str, str]


def headers_of(app: Flask, who: str | None = None, client_id: str = "all") -> Headers:
    """The header of a person's token, or of a client that may do everything."""
    with app.app_context(), enter("acme"):
        user_id = db.session.scalars(select(User.id).where(User.email == f"{who}@acme.example")).one() if who else None
        scope = " ".join(API)
        return {"Authorization": f"Bearer {builders.an_access_token(scope, user_id=user_id, client_id=client_id)}"}


def walk(client: FlaskClient, path: str, headers: Headers) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"{path}limit=1000", headers=headers).get_json()["data"]
    return rows


def test_seeded_roles_are_what_the_scopes_promise(seeded: Seeded) -> None:
    """The catalog knows what a member may; the seeded role is no other."""
    with seeded().app_context(), enter("acme"):
        scopes = {role.key: set(role.scope.split()) for role in db.session.scalars(select(Role))}
    assert scopes["member"] == MEMBER
    assert scopes["security_auditor"] == EVERY_READ
    assert scopes["administrator"] == EVERYTHING


def test_file_of_an_event_is_found_by_its_id(seeded: Seeded) -> None:
    app = seeded()
    client, headers = app.test_client(), headers_of(app)
    events = client.get("/v1/audit-events?action=file.downloaded&limit=20", headers=headers).get_json()["data"]
    assert len(events) == 20
    for event in events:
        answer = client.get(f"/v1/files/{event['targets'][0]['id']}", headers=headers)
        assert answer.get_json()["name"] == event["targets"][0]["name"]


def test_person_sees_less_than_the_auditor_who_sees_all(seeded: Seeded) -> None:
    app = seeded()
    with app.app_context(), enter("acme"):
        user = db.session.scalars(select(User).where(User.email == "user@acme.example")).one()
        builders.an_assignment(user.id, builders.a_role(scope="files:read").key)
    client = app.test_client()
    seen = {who: len(walk(client, "/v1/files?", headers_of(app, who))) for who in ("user", "auditor", "admin")}
    assert 0 < seen["user"] < seen["auditor"] == seen["admin"]


def test_auditor_does_not_export_and_an_administrator_does(seeded: Seeded) -> None:
    """IPY-SaaS-01: the seeded setting keeps bulk export for administrators."""
    app = seeded()
    client = app.test_client()
    answers = [
        client.post("/v1/exports", json={"kind": "users"}, headers=headers_of(app, who)) for who in ("auditor", "admin")
    ]
    assert [answer.status_code for answer in answers] == [403, 202]


@pytest.mark.parametrize("path", ["/v1/files?", "/v1/projects?", "/v1/forwarding-rules?", "/v1/exports?"])
def test_reset_brings_back_what_was_seeded(seeded: Seeded, path: str) -> None:
    app = seeded()
    client, headers = app.test_client(), headers_of(app)
    before = walk(client, path, headers)
    assert before
    file = walk(client, "/v1/files?sharing=private&", headers)[0]["id"]
    client.delete(f"/v1/files/{file}", headers=headers)
    client.post(f"/v1/files/{file}/restore", headers=headers)
    rule = walk(client, "/v1/forwarding-rules?", headers)[0]["id"]
    client.delete(f"/v1/forwarding-rules/{rule}", headers=headers)
    assert client.post("/_lab/reset").status_code == 200
    assert walk(client, path, headers_of(app, client_id="after")) == before
