"""Asking what a token is worth (RFC 7662)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.roles import service as roles
from sandbox.resources.roles.model import Role
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CONNECTOR, NATIVE, USER, WEB, Journey

INACTIVE = {"active": False}


def introspect(go: Journey, value: str, auth: tuple[str, str] = WEB, **more: str) -> dict[str, Any]:
    answer = go.http.post("/oauth/introspect", data={"token": value, **more}, auth=auth)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    told: dict[str, Any] = answer.get_json()
    return told


@pytest.mark.requirement("RFC 7662 §2.2", "MUST")
def test_access_token_is_described(visitor: Journey) -> None:
    """RFC 7662 §2.2; RFC 9068 claims are echoed."""
    told = introspect(visitor, visitor.tokens()["access_token"])
    expected = {"active": True, "client_id": "demo-web", "scope": "openid users:read", "username": USER[0]}
    assert (expected | {"token_type": "Bearer", "aud": "http://localhost/v1"}).items() <= told.items()
    assert told["sub"].startswith("usr_")
    assert told["exp"] - told["iat"] == 3600


def test_refresh_token_is_described_until_it_was_used(visitor: Journey) -> None:
    value = visitor.tokens()["refresh_token"]
    told = introspect(visitor, value)
    assert (told["active"], told["scope"], "token_type" in told) == (True, "openid users:read", False)
    visitor.refresh(value)
    assert introspect(visitor, value) == INACTIVE


def test_token_of_a_client_has_no_username(visitor: Journey) -> None:
    value = visitor.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    told = introspect(visitor, value, CONNECTOR)
    assert (told["sub"], "username" in told) == ("demo-connector", False)


@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "nonsense"])
def test_hint_is_only_a_hint(visitor: Journey, hint: str) -> None:
    """RFC 7662 §2.1: the server extends its search."""
    tokens = visitor.tokens()
    for kind in ("access_token", "refresh_token"):
        assert introspect(visitor, tokens[kind], token_type_hint=hint)["active"] is True


@pytest.mark.requirement("RFC 7662 §4", "MUST")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_foreign_token_is_inactive_and_nothing_more(visitor: Journey, kind: str) -> None:
    """RFC 7662 §4: no oracle for tokens that somebody found."""
    assert introspect(visitor, visitor.tokens()[kind], CONNECTOR) == INACTIVE


@pytest.mark.parametrize("value", ["unknown", "a.b.c", "ü", "x" * 5000])
def test_unknown_token_is_inactive(visitor: Journey, value: str) -> None:
    assert introspect(visitor, value) == INACTIVE


def test_revoked_token_is_inactive(visitor: Journey) -> None:
    tokens = visitor.tokens()
    visitor.http.post("/oauth/revoke", data={"token": tokens["refresh_token"]}, auth=WEB)
    assert [introspect(visitor, tokens[kind]) for kind in ("access_token", "refresh_token")] == [INACTIVE] * 2


def test_suspended_users_tokens_are_inactive(go: Journey, acme: Acme) -> None:
    tokens = go.tokens()
    with acme():
        user = users.find_by_email(USER[0])
        assert user is not None
        users.suspend(user.id)
    assert [introspect(go, tokens[kind]) for kind in ("access_token", "refresh_token")] == [INACTIVE] * 2


def test_scope_is_what_counts_now(go: Journey, acme: Acme) -> None:
    """A role that was taken away is no part of it any longer."""
    tokens = go.tokens(ADMIN, scope="openid users:write")
    with acme():
        admin = users.find_by_email(ADMIN[0])
        assert admin is not None
        builders.an_assignment(admin.id, "member")
        builders.an_administrator()
        roles.revoke(db.session.scalars(select(Role).where(Role.key == "administrator")).one().id, user_id=admin.id)
    assert introspect(go, tokens["access_token"])["scope"] == "openid"


@pytest.mark.attack(44)
@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
@pytest.mark.parametrize("auth", [None, ("demo-web", "wrong")])
def test_stranger_is_refused(visitor: Journey, auth: tuple[str, str] | None) -> None:
    """RFC 7662 §2.1: authorization is required, or tokens could be scanned."""
    assert visitor.http.post("/oauth/introspect", data={"token": "x"}, auth=auth).status_code == 401


@pytest.mark.requirement("RFC 7662 §4", "MUST")
def test_public_client_is_refused(visitor: Journey) -> None:
    """RFC 7662 §4: anybody could be it."""
    form = {"token": "x", "client_id": NATIVE["client_id"]}
    answer = visitor.http.post("/oauth/introspect", data=form)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.attack(44)
@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
def test_get_is_refused_in_the_protocols_own_form(visitor: Journey) -> None:
    """RFC 7662 §2.1: POST only, so that tokens stay out of logs."""
    answer = visitor.http.get("/oauth/introspect", query_string={"token": "x"}, auth=WEB)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    assert answer.get_json()["error"] == "invalid_request"


def test_missing_token_is_an_invalid_request(visitor: Journey) -> None:
    answer = visitor.http.post("/oauth/introspect", data={"x": "1"}, auth=WEB)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
