"""Signing in again in the same browser: the former session is over, and what came of it is not left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, USER, Journey

COOKIE = "harbor_acme"
Logged = Callable[..., list[dict[str, Any]]]


def cookie_of(go: Journey) -> str:
    cookie = go.http.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def is_signed_in(go: Journey) -> bool:
    return urlsplit(go.authorize(prompt="consent").headers["Location"]).path == "/consent"


def statuses(acme: Acme) -> list[str]:
    """Every session, oldest first."""
    with acme():
        found = list(db.session.scalars(select(Session)))
        return [session.status for session in sorted(found, key=lambda one: one.status == "active")]


def test_former_session_is_over(go: Journey, acme: Acme, logged: Logged) -> None:
    """One session a browser, and the log says why the other one ended."""
    go.sign_in()
    go.sign_in()
    assert statuses(acme) == ["revoked", "active"]
    (event,) = logged("session.revoked")
    assert (event["actor"]["email"], event["details"]) == (USER[0], {"reason": "signed in again"})
    assert event["targets"][0]["id"] != event["session_id"]


@pytest.mark.parametrize("who", [USER, ADMIN])
def test_cookie_of_before_is_worth_nothing(go: Journey, another: Journey, who: tuple[str, str]) -> None:
    """Nor is one that somebody planted: whoever knows it is not let in by the sign-in (session fixation)."""
    go.sign_in()
    before = cookie_of(go)
    go.sign_in(who)
    assert is_signed_in(go)
    another.http.set_cookie(COOKIE, before)
    assert not is_signed_in(another)


def test_failed_attempt_ends_nothing(go: Journey, acme: Acme) -> None:
    go.sign_in()
    go.sign_in((USER[0], "wrong"))
    assert (statuses(acme), is_signed_in(go)) == (["active"], True)


def test_other_browsers_stay_signed_in(go: Journey, another: Journey) -> None:
    another.sign_in()
    go.sign_in()
    go.sign_in()
    assert is_signed_in(another)


def test_tokens_of_before_live_on_until_the_person_signs_out(go: Journey) -> None:
    """A client must not lose its tokens because another one asked for a fresh sign-in; signing out ends all of them."""
    first, second = go.tokens(), go.tokens()
    third = go.tokens()
    assert [go.use(one["access_token"]) for one in (first, second, third)] == [200, 200, 200]
    assert go.refresh(first["refresh_token"]).status_code == 200
    go.submit(go.http.get("/logout"))
    assert [go.use(one["access_token"]) for one in (first, second, third)] == [401, 401, 401]
    assert go.refresh(second["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_tokens_of_before_end_with_the_session_that_an_administrator_ends(go: Journey, acme: Acme) -> None:
    first = go.tokens()
    go.sign_in()
    with acme():
        (living,) = db.session.scalars(select(Session).where(Session.revoked_at.is_(None)))
        sessions.revoke(living, "suspicious")
    assert go.use(first["access_token"]) == 401


def test_somebody_else_signs_the_former_person_out(go: Journey, acme: Acme, logged: Logged) -> None:
    """On a shared computer nothing of the former person stays within reach."""
    former = go.tokens()
    go.sign_in(ADMIN)
    assert go.use(former["access_token"]) == 401
    (event,) = logged("session.revoked")
    assert (event["actor"]["email"], event["details"]) == (ADMIN[0], {"reason": "somebody else signed in"})
    assert statuses(acme) == ["revoked", "active"]


def test_client_signs_out_who_signed_in_again_meanwhile(go: Journey, acme: Acme) -> None:
    """OpenID Connect RP-Initiated Logout 1.0 §2: its ID token is of a session that this browser had before."""
    hint = go.tokens()["id_token"]
    go.sign_in()
    answer = go.http.get("/oauth/logout", query_string={"id_token_hint": hint})
    assert (answer.status_code, "signed out" in answer.text.lower()) == (200, True)
    assert statuses(acme) == ["revoked", "revoked"]


def test_client_does_not_sign_out_somebody_else(go: Journey, acme: Acme) -> None:
    """The person who is there now is asked."""
    hint = go.tokens()["id_token"]
    go.sign_in(ADMIN)
    go.http.get("/oauth/logout", query_string={"id_token_hint": hint})
    assert statuses(acme) == ["revoked", "active"]
