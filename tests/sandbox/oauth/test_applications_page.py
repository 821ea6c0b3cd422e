"""The page on which people see what they allowed, and take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.grants.model import Grant
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, USER, Journey, form_of

Logged = Callable[..., list[dict[str, Any]]]
PAGE = "/account/apps"


def test_page_is_for_somebody(visitor: Journey) -> None:
    """Whoever is not signed in is asked to, and comes back."""
    login = visitor.http.get(PAGE)
    assert urlsplit(login.headers["Location"]).path == "/login"
    after = visitor.submit(visitor.follow(login), email=USER[0], password=USER[1])
    assert after.headers["Location"] == PAGE


def test_page_is_found_from_the_sign_in(visitor: Journey) -> None:
    visitor.sign_in()
    assert f'href="{PAGE}"' in visitor.http.get("/login").get_data(as_text=True)


def test_page_lists_what_was_allowed_since_when(go: Journey) -> None:
    go.tokens()
    text = go.http.get(PAGE).get_data(as_text=True)
    assert ("Demo-Web" in text, "See the people of your organization" in text) == (True, True)
    assert "1 September 2026" in text


def test_withdrawing_ends_every_token_at_once(go: Journey, logged: Logged) -> None:
    """And it is in the log, with who did it."""
    tokens = go.tokens()
    page = go.follow(go.submit(go.http.get(PAGE)))
    assert "You allow no application anything" in page.get_data(as_text=True)
    assert (go.use(tokens["access_token"]), go.refresh(tokens["refresh_token"]).status_code) == (401, 400)
    (event,) = logged("oauth.grant.revoked")
    assert (event["actor"]["email"], event["details"]["reason"]) == (USER[0], "withdrawn by the person")
    assert len(logged("oauth.token.revoked")) == 1


def test_consent_is_asked_again_after_withdrawing(go: Journey) -> None:
    go.tokens()
    go.submit(go.http.get(PAGE))
    assert urlsplit(go.authorize().headers["Location"]).path == "/consent"


def test_withdrawing_twice_is_no_error(go: Journey, logged: Logged) -> None:
    go.tokens()
    page = go.http.get(PAGE)
    assert [go.submit(page).status_code for _ in range(2)] == [303, 303]
    assert len(logged("oauth.grant.revoked")) == 1


@pytest.mark.attack(41)
@pytest.mark.requirement("RFC 9700 §4.7", "MUST")
@pytest.mark.parametrize("token", [None, "", "0" * 64, "ü"])
def test_withdrawing_without_the_form_token_changes_nothing(go: Journey, logged: Logged, token: str | None) -> None:
    """Nobody withdraws from another site."""
    go.tokens()
    form = form_of(go.http.get(PAGE)).fields
    form.pop("form_token")
    answer = go.http.post(PAGE, data={**form, **({"form_token": token} if token is not None else {})})
    assert (answer.status_code, logged("oauth.grant.revoked")) == (403, [])


@pytest.mark.parametrize("named", ["", "grn_nobody", "a\x00b", "<script>"])
def test_grant_of_nobody_is_told_and_not_repeated(go: Journey, named: str) -> None:
    go.tokens()
    answer = go.submit(go.http.get(PAGE), grant_id=named)
    assert answer.status_code == 404
    assert not named or named not in answer.get_data(as_text=True)


def test_grant_of_somebody_else_stays(go: Journey, another: Journey, acme: Acme) -> None:
    go.tokens()
    another.tokens(ADMIN)
    with acme():
        admin = users.find_by_email(ADMIN[0])
        assert admin is not None
        theirs = db.session.scalars(select(Grant.id).where(Grant.user_id == admin.id)).one()
    assert go.submit(go.http.get(PAGE), grant_id=theirs).status_code == 404
    assert another.authorize().headers["Location"].startswith("http://127.0.0.1:8765/callback?code=")


def test_name_of_an_application_is_shown_escaped(go: Journey, acme: Acme) -> None:
    with acme():
        person = users.find_by_email(USER[0])
        assert person is not None
        builders.a_grant(person.id, builders.an_app(name="<script>alert(1)</script>").id)
    go.sign_in()
    text = go.http.get(PAGE).get_data(as_text=True)
    assert ("<script" in text, "&lt;script&gt;" in text) == (False, True)
