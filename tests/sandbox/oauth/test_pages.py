"""The pages: signing in and out, what protects them, what they say (RFC 9700 §4; rulings of sessions and cookies)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.app import create_app
from sandbox.foundation.database import db, transaction
from sandbox.resources.apps import service as apps
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users
from sandbox.settings import Settings
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, NATIVE, USER, Journey, asking, form_of

Logged = Callable[..., list[dict[str, Any]]]
PAGES = ["/login", "/logout", "/consent", "/oauth/authorize"]


@pytest.mark.attack(42)
@pytest.mark.requirement("RFC 9700 §4.2", "SHOULD")
@pytest.mark.requirement("RFC 9700 §4.16", "MUST")
@pytest.mark.requirement("RFC 6749 §10.13", "SHOULD")
@pytest.mark.parametrize("page", PAGES)
def test_pages_cannot_be_framed_cached_or_read_along(visitor: Journey, page: str) -> None:
    """RFC 9700 §4.2 and §4.16, RFC 6749 §10.13."""
    headers = visitor.http.get(page).headers
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
    assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy


def test_pages_have_no_scripts_and_no_styles_inside(visitor: Journey) -> None:
    """What the policy forbids must not be needed."""
    visitor.sign_in()
    pages = [visitor.http.get(page) for page in PAGES]
    pages.append(visitor.follow(visitor.authorize(prompt="consent")))
    for page in pages:
        text = page.get_data(as_text=True).lower()
        assert not any(sign in text for sign in ("<script", "<style", " style=", " onload=", " onclick="))


def test_style_sheet_is_served(visitor: Journey) -> None:
    with visitor.http.get("/oauth/static/pages.css") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")


@pytest.mark.parametrize(
    ("uri", "targets"),
    [
        (CALLBACK, "'self' http://127.0.0.1:8765"),
        (NATIVE["redirect_uri"], "'self' http://127.0.0.1:51004"),
        ("http://[::1]:51004/callback", "'self' http:"),
    ],
)
def test_forms_may_lead_to_the_checked_client_only(visitor: Journey, uri: str, targets: str) -> None:
    """CSP Level 3 §6.4.2: browsers hold redirects to `form-action` as well, so it names the client, and nobody else."""
    request = {"client_id": "demo-web"} if uri == CALLBACK else {"client_id": "demo-native"}
    login = visitor.follow(visitor.authorize(**request, redirect_uri=uri))
    assert f"form-action {targets};" in login.headers["Content-Security-Policy"]
    visitor.sign_in()
    consent = visitor.follow(visitor.authorize(**request, redirect_uri=uri, prompt="consent"))
    assert f"form-action {targets};" in consent.headers["Content-Security-Policy"]


def test_forms_of_an_unchecked_request_lead_nowhere_else(visitor: Journey) -> None:
    address = "/oauth/authorize?client_id=demo-web&redirect_uri=https://evil.example/"
    page = visitor.http.get("/login", query_string={"next": address})
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]


def test_cookie_is_for_the_server_alone(visitor: Journey) -> None:
    """RFC 6265 §4.1.2: not for scripts, not for other sites."""
    (cookie,) = cookies(visitor.sign_in().headers.getlist("Set-Cookie"))
    assert (cookie.key, cookie["path"], cookie["samesite"]) == ("harbor_acme", "/", "Lax")
    assert (cookie["httponly"], cookie["secure"], cookie["domain"]) == (True, "", "")


def test_cookie_of_a_tenant_stays_with_it(standing_elsewhere: Journey) -> None:
    """One name and one path for each tenant."""
    (cookie,) = cookies(standing_elsewhere.sign_in().headers.getlist("Set-Cookie"))
    assert (cookie.key, cookie["path"]) == ("harbor_other", "/t/other")


def test_cookie_is_bound_to_its_tenant_on_the_server(visitor: Journey) -> None:
    """Its value, carried to another tenant's name, is nobody's."""
    visitor.sign_in()
    value = visitor.http.get_cookie("harbor_acme")
    assert value is not None
    visitor.http.set_cookie("harbor_other", value.value, path="/t/other")
    assert "Sign in" in visitor.http.get("/t/other/login").get_data(as_text=True)


def test_cookie_is_secure_over_https(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, public_urls=("https://harbor.example",)))
    answer = app.test_client().get("/login", base_url="https://harbor.example")
    (cookie,) = cookies(answer.headers.getlist("Set-Cookie"))
    assert cookie["secure"] is True


def test_cookie_changes_at_sign_in_and_is_kept_as_a_hash(go: Journey, acme: Acme) -> None:
    """OWASP session fixation: a value that was planted before is worth nothing afterwards."""
    go.http.get("/login")
    planted = go.http.get_cookie("harbor_acme")
    go.sign_in()
    now = go.http.get_cookie("harbor_acme")
    assert planted is not None
    assert now is not None
    with acme():
        (session,) = db.session.scalars(select(Session)).all()
    assert planted.value != now.value
    assert session.cookie_hash not in {now.value, planted.value}


@pytest.mark.parametrize("email", [USER[0], USER[0].upper(), f"  {USER[0]} "])
def test_sign_in_starts_a_session_and_is_logged(go: Journey, logged: Logged, email: str) -> None:
    assert go.sign_in((email, USER[1])).status_code == 303
    (event,) = logged("auth.login.succeeded")
    assert event["details"] == {"method": "password", "mfa": False, "factor": None}
    assert (event["actor"]["email"], event["source"]["channel"]) == (USER[0], "ui")
    assert event["session_id"].startswith("ses_")


@pytest.mark.parametrize(
    ("who", "reason", "actor"),
    [
        ((USER[0], "wrong"), "invalid_credentials", USER[0]),
        ((USER[0], ""), "invalid_credentials", USER[0]),
        (("nobody@acme.example", "x"), "unknown_user", "nobody@acme.example"),
        (("a\x00b", "x"), "unknown_user", None),
        (("x" * 9000, "\x00"), "unknown_user", "x" * 320),
    ],
)
def test_failed_sign_in_says_little_and_logs_why(
    go: Journey, logged: Logged, who: tuple[str, str], reason: str, actor: str | None
) -> None:
    """The same words for whoever exists and whoever does not; what was refused is kept."""
    answer = go.sign_in(who)
    assert answer.status_code == 401
    assert "That address and password do not match." in answer.get_data(as_text=True)
    (event,) = logged("auth.login.failed")
    assert (event["outcome"], event["actor"]["email"]) == ({"result": "failure", "reason": reason}, actor)


def test_suspended_person_is_told_only_with_the_right_password(go: Journey, acme: Acme, logged: Logged) -> None:
    with acme():
        user = users.find_by_email(USER[0])
        assert user is not None
        users.suspend(user.id)
    assert "suspended" not in go.sign_in((USER[0], "wrong")).get_data(as_text=True)
    assert "This account is suspended" in go.sign_in(USER).get_data(as_text=True)
    reasons = [event["outcome"]["reason"] for event in logged("auth.login.failed")]
    assert reasons == ["invalid_credentials", "user_suspended"]


def test_person_without_a_password_cannot_sign_in(go: Journey, acme: Acme) -> None:
    """Single sign-on only: an empty hash matches nothing."""
    with acme():
        builders.a_user(email="sso@acme.example", auth_method="sso", password_hash=None)
    assert [go.sign_in(("sso@acme.example", password)).status_code for password in ("", "x")] == [401, 401]


@pytest.mark.attack(41)
@pytest.mark.requirement("RFC 9700 §4.7", "MUST")
@pytest.mark.parametrize("path", ["/login", "/logout"])
@pytest.mark.parametrize("token", [None, "", "0" * 64, "ü"])
def test_form_without_its_token_changes_nothing(go: Journey, logged: Logged, path: str, token: str | None) -> None:
    """RFC 9700 §4.7: no sign-in, and no sign-out, from elsewhere."""
    go.sign_in()
    form = {"email": ADMIN[0], "password": ADMIN[1], **({"form_token": token} if token is not None else {})}
    assert go.http.post(path, data=form).status_code == 403
    assert len(logged("auth.login.succeeded", "auth.logout")) == 1


def test_form_token_of_another_browser_is_refused(go: Journey, another: Journey) -> None:
    """Login CSRF: an attacker's own token must not sign a victim in as the attacker."""
    go.http.get("/login")
    fields = form_of(another.http.get("/login")).fields
    assert go.http.post("/login", data={**fields, "email": USER[0], "password": USER[1]}).status_code == 403


@pytest.mark.attack(47)
@pytest.mark.requirement("RFC 9700 §4.11", "MUST")
@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "login",
        "///evil.example",
        "/ä",
    ],
)
def test_next_page_is_ours(visitor: Journey, path: str) -> None:
    """RFC 9700 §4.11: no open redirector, in no spelling."""
    page = visitor.http.get("/login", query_string={"next": path})
    answer = visitor.http.post(
        "/login", data={**form_of(page).fields, "next": path, "email": USER[0], "password": USER[1]}
    )
    assert answer.headers["Location"] == "/login"


def test_next_page_of_a_tenant_is_its_own(standing_elsewhere: Journey) -> None:
    page = standing_elsewhere.http.get("/t/other/login", query_string={"next": "/login"})
    assert "next" not in form_of(page).fields


def test_what_was_sent_is_shown_escaped(visitor: Journey) -> None:
    """OWASP reflected cross-site scripting, on every page that shows something of the request."""
    evil = '"><script>alert(1)</script>'
    pages = [
        visitor.sign_in((evil, "x")),
        visitor.http.get("/login", query_string={"next": f"/oauth/authorize?login_hint={evil}"}),
        visitor.authorize(client_id=evil),
        visitor.authorize(redirect_uri=evil, scope=evil, state=evil),
    ]
    assert not any("<script" in page.get_data(as_text=True) for page in pages)


def test_name_of_a_client_is_shown_escaped(go: Journey, acme: Acme) -> None:
    with acme():
        code = {"grant_types": ["authorization_code"], "redirect_uris": [CALLBACK]}
        builders.a_client("evil", name="<script>alert(1)</script>", scope="openid", **code)
    go.sign_in()
    page = go.follow(go.authorize(client_id="evil", scope="openid")).get_data(as_text=True)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_sign_in_page_names_who_waits_for_it(visitor: Journey) -> None:
    """A client that is unknown, or whose redirect URI is not its own, is not named."""
    waiting = "to continue to Demo-Web"
    assert waiting in visitor.follow(visitor.authorize()).get_data(as_text=True)
    for request in ("client_id=nobody", "client_id=%00", "client_id=demo-web&redirect_uri=https://evil.example/"):
        page = visitor.http.get("/login", query_string={"next": f"/oauth/authorize?{request}"})
        assert "to continue to" not in page.get_data(as_text=True)


def test_consent_can_be_given_by_another_account(visitor: Journey) -> None:
    visitor.sign_in()
    page = visitor.follow(visitor.authorize(prompt="consent")).get_data(as_text=True)
    (link,) = re.findall(r'<a href="([^"]+)">use another account', page)
    after = visitor.submit(visitor.http.get(unescape(link)), email=ADMIN[0], password=ADMIN[1])
    assert ADMIN[0] in visitor.follow(visitor.follow(after)).get_data(as_text=True)


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "MAY")
def test_hint_fills_in_the_address(visitor: Journey) -> None:
    """OpenID Connect Core §3.1.2.1."""
    page = visitor.follow(visitor.authorize(login_hint="someone@acme.example"))
    assert form_of(page).fields["email"] == "someone@acme.example"


def test_signing_out_ends_session_and_tokens(go: Journey, logged: Logged) -> None:
    tokens = go.tokens()
    answer = go.submit(go.http.get("/logout"))
    assert "You are signed out" in answer.get_data(as_text=True)
    assert urlsplit(go.authorize().headers["Location"]).path == "/login"
    assert go.use(tokens["access_token"]) == 401
    assert len(logged("auth.logout")) == 1


def test_signing_out_of_a_session_that_ended_is_no_error(go: Journey, acme: Acme) -> None:
    go.sign_in()
    page = go.http.get("/logout")
    with acme():
        sessions.revoke(db.session.scalars(select(Session)).one(), "seen from elsewhere")
    assert "You are signed out" in go.submit(page).get_data(as_text=True)


@pytest.mark.requirement("RFC 6585 §4", "MUST")
def test_attempts_to_sign_in_are_limited(database_url: str, identities: None) -> None:
    """RFC 6585 §4: as a page, with the time to wait."""
    settings = Settings(database_url=database_url, sign_in_rate_limit="2/minute")
    go = Journey(create_app(settings).test_client())
    answers = [go.sign_in((USER[0], "wrong")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert (answers[2].mimetype, "Retry-After" in answers[2].headers) == ("text/html", True)


def test_publisher_is_shown_as_verified_or_not(go: Journey, acme: Acme) -> None:
    with acme(), transaction():
        app = apps.for_client("demo-web")
        app.publisher_name, app.publisher_is_verified, app.name = "Acme Robotics", True, "Robot Arm"
    go.sign_in()
    verified = go.follow(go.authorize()).get_data(as_text=True)
    unverified = go.follow(go.authorize(**NATIVE)).get_data(as_text=True)
    assert "Verified publisher" in verified
    assert "Robot Arm asks for access" in verified
    assert "Publisher not verified" in unverified


@pytest.mark.parametrize("path", ["/login", "/oauth/authorize", "/oauth/token", "/.well-known/openid-configuration"])
def test_unknown_tenant_and_host_are_refused(standing: Flask, path: str) -> None:
    """The tenant comes from the path only, the host must be ours."""
    http = standing.test_client()
    assert http.get(f"/t/nobody{path}").status_code == 404
    assert http.get(path, base_url="http://evil.example").status_code == 421


def test_consent_page_repeats_the_request_in_its_address_only(visitor: Journey) -> None:
    """Nothing is kept on the server between the pages: two requests in two tabs do not meet."""
    visitor.sign_in()
    first = visitor.follow(visitor.authorize(prompt="consent", state="first"))
    second = visitor.follow(visitor.authorize(prompt="consent", state="second"))
    answers = [visitor.submit(page, decision="allow").headers["Location"] for page in (first, second)]
    assert ["state=first" in answers[0], "state=second" in answers[1]] == [True, True]
    assert asking()["state"] not in answers[0]


def cookies(headers: list[str]) -> list[Any]:
    return [morsel for header in headers for morsel in SimpleCookie(header).values()]
