"""Giving tokens back (RFC 7009)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from sandbox.foundation.database import db
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, CONNECTOR, NATIVE, WEB, Journey

Locked = Callable[[], AbstractContextManager[None]]
Logged = Callable[..., list[dict[str, Any]]]


def revoke(go: Journey, value: str | None, auth: tuple[str, str] | None = WEB, **more: str) -> int:
    form = {**({"token": value} if value is not None else {}), **more}
    answer = go.http.post("/oauth/revoke", data=form, auth=auth)
    if answer.status_code == 200:
        assert (answer.get_json(), answer.headers["Cache-Control"]) == ({}, "no-store")
    return answer.status_code


@pytest.mark.requirement("RFC 7009 §2.1", "SHOULD")
def test_refresh_token_takes_its_family_along(go: Journey) -> None:
    """RFC 7009 §2.1: all tokens of the same grant."""
    first = go.tokens()
    second = go.refresh(first["refresh_token"]).get_json()
    assert revoke(go, second["refresh_token"]) == 200
    assert (go.use(first["access_token"]), go.use(second["access_token"])) == (401, 401)
    assert go.refresh(second["refresh_token"]).get_json()["error"] == "invalid_grant"


@pytest.mark.attack(38)
@pytest.mark.requirement("RFC 7009 §2.1", "MAY")
def test_access_token_takes_only_itself_along(go: Journey) -> None:
    """RFC 7009 §2.1 leaves the refresh token to the server; CVE-2023-0091: it fails on the next request."""
    tokens = go.tokens()
    assert go.use(tokens["access_token"]) == 200
    assert revoke(go, tokens["access_token"]) == 200
    assert (go.use(tokens["access_token"]), go.refresh(tokens["refresh_token"]).status_code) == (401, 200)


@pytest.mark.attack(45)
@pytest.mark.requirement("RFC 7009 §2.1", "MUST")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_foreign_token_stays_as_it_is(go: Journey, acme: Acme, kind: str) -> None:
    """Attack 45: a foreign token stays active, and the answer does not tell whether it works."""
    with acme():
        builders.a_client("thief", grant_types=["refresh_token"], redirect_uris=[CALLBACK])
    tokens = go.tokens()
    assert revoke(go, tokens[kind], ("thief", "secret")) == 200
    assert (go.use(tokens["access_token"]), go.refresh(tokens["refresh_token"]).status_code) == (200, 200)


@pytest.mark.requirement("RFC 7009 §2.2", "MUST")
@pytest.mark.parametrize("value", ["unknown", "a.b.c", "ü", "x" * 5000, "."])
def test_unknown_token_is_no_error(visitor: Journey, value: str) -> None:
    """RFC 7009 §2.2."""
    assert revoke(visitor, value) == 200


@pytest.mark.requirement("RFC 7009 §2.1", "MUST")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
def test_hint_is_only_a_hint(visitor: Journey, hint: str) -> None:
    """With a wrong hint the server searches on; an unknown one is ignored."""
    tokens = visitor.tokens()
    assert revoke(visitor, tokens["access_token"], token_type_hint=hint) == 200
    assert visitor.use(tokens["access_token"]) == 401


@pytest.mark.requirement("RFC 7009 §5", "MUST")
def test_public_client_may_revoke_its_own(visitor: Journey) -> None:
    """RFC 7009 §5: having the token is enough."""
    code = visitor.code(**NATIVE)
    tokens = visitor.redeem(code, auth=None, **NATIVE).get_json()
    assert revoke(visitor, tokens["refresh_token"], None, client_id="demo-native") == 200
    assert visitor.use(tokens["access_token"]) == 401


@pytest.mark.requirement("RFC 7009 §2.1", "MUST")
@pytest.mark.requirement("RFC 7009 §2.2.1", "MUST")
def test_client_must_authenticate_and_name_a_token(visitor: Journey) -> None:
    """RFC 7009 §2.1 and §2.2.1."""
    assert revoke(visitor, "x", None) == 401
    assert revoke(visitor, "x", ("demo-web", "wrong")) == 401
    assert revoke(visitor, None, x="1") == 400


def test_revocation_is_logged(go: Journey, logged: Logged) -> None:
    tokens = go.tokens()
    revoke(go, tokens["access_token"])
    revoke(go, tokens["refresh_token"])
    single, family = logged("oauth.token.revoked")
    assert single["details"]["token_id"].startswith("atk_")
    assert (family["actor"]["id"], family["details"]["cause"]) == ("demo-web", "revoked by client")


@pytest.mark.requirement("RFC 7009 §2", "MUST")
def test_clients_own_token_is_revoked_too(go: Journey) -> None:
    """RFC 7009 §2: a token of client credentials."""
    value = go.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    assert (go.use(value, "/v1/roles"), revoke(go, value, CONNECTOR), go.use(value, "/v1/roles")) == (200, 200, 401)


@pytest.fixture
def locked(app: Flask, database_url: str) -> Iterator[Locked]:
    """A database that another process has locked: `with locked(): …`; nobody waits for it."""

    def impatient(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    @contextmanager
    def lock() -> Iterator[None]:
        other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.rollback()
            other.close()

    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", impatient)
        yield lock
        event.remove(db.engine, "connect", impatient)
        db.engine.dispose()


@pytest.mark.requirement("RFC 7009 §2.2.1", "MUST")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_failing_database_is_never_called_success(go: Journey, kind: str, locked: Locked) -> None:
    """Attack 45, CVE-2020-15223: 503, after which the client must assume that the token still exists; it does."""
    tokens = go.tokens()
    with locked():
        answer = go.http.post("/oauth/revoke", data={"token": tokens[kind]}, auth=WEB)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert (go.use(tokens["access_token"]), go.refresh(tokens["refresh_token"]).status_code) == (200, 200)


def test_failing_database_registers_nobody(go: Journey, locked: Locked) -> None:
    with locked():
        answer = go.register()
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
