"""A database that somebody else keeps to themselves: every door says so, and whoever comes again is served."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from sandbox.app import create_app
from sandbox.foundation.database import db, transaction
from sandbox.resources.groups import service as groups
from sandbox.settings import Settings
from tests.occupied import occupied

Token = Callable[..., dict[str, str]]


@pytest.mark.storage
def test_busy_database_is_a_503_and_the_next_attempt_works(
    app: Flask, client: FlaskClient, database_url: str, token: Token
) -> None:
    """RFC 9110 §15.6.4: with the time to wait, and nothing was done."""
    headers = token("groups:read groups:write")
    with occupied(app, database_url):
        refused = client.post("/v1/groups", headers=headers, json={"name": "Crew"})
    assert (refused.status_code, refused.get_json()["code"]) == (503, "unavailable")
    assert (refused.headers["Retry-After"], refused.content_type) == ("1", "application/problem+json")
    assert client.get("/v1/groups", headers=headers).get_json()["data"] == []
    assert client.post("/v1/groups", headers=headers, json={"name": "Crew"}).status_code == 201


def test_readers_are_served_meanwhile(app: Flask, client: FlaskClient, database_url: str, token: Token) -> None:
    """On SQLite as it is set up here, who reads waits for nobody."""
    headers = token("groups:read")
    with occupied(app, database_url):
        assert client.get("/v1/groups", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "error",
    [OperationalError("SELECT", {}, Exception("no such table: groups")), RuntimeError("database is locked")],
    ids=["database", "other"],
)
def test_everything_else_stays_a_mistake_of_ours(
    client: FlaskClient, token: Token, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(groups, "search", fail)
    answer = client.get("/v1/groups", headers=token("groups:read"))
    assert (answer.status_code, answer.get_json()["code"], "Retry-After" in answer.headers) == (
        500,
        "internal-error",
        False,
    )


@pytest.mark.sockets
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/users", '"code":"unavailable"'),
        ("/scim/v2/Users", '"status":"503"'),
        ("/oauth/jwks", '"temporarily_unavailable"'),
        ("/login", "Harbor is busy"),
    ],
)
def test_database_that_cannot_be_reached_is_busy(path: str, said: str) -> None:
    """Before anything is known of the tenant: every kind of door has its own words for it."""
    settings = Settings(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", public_urls=("http://localhost",))
    answer = create_app(settings).test_client().get(path)
    assert (answer.status_code, answer.headers["Retry-After"], said in answer.text) == (503, "1", True)


@pytest.mark.storage("postgresql")
@pytest.mark.parametrize("writing", [False, True])
def test_connection_lost_on_the_way_is_busy_and_the_next_attempt_works(
    client: FlaskClient, token: Token, monkeypatch: pytest.MonkeyPatch, writing: bool
) -> None:
    """PostgreSQL ends its own connection in the middle of a request; SQLite has none to lose."""

    def lose(**_: object) -> None:
        with transaction() if writing else nullcontext():
            db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    headers = token("groups:read")
    with monkeypatch.context() as patch:
        patch.setattr(groups, "search", lose)
        assert client.get("/v1/groups", headers=headers).get_json()["code"] == "unavailable"
    assert client.get("/v1/groups", headers=headers).status_code == 200
