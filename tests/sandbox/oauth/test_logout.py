"""Signing out at the wish of a client (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from sandbox.access.client import find_client
from sandbox.access.keys import ALGORITHM, make_key, public_keys, signing_key
from sandbox.app import create_app
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.settings import Settings
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, USER, Journey, form_of

Logged = Callable[..., list[dict[str, Any]]]
ENDPOINT = "/oauth/logout"
GOODBYE = "https://web.example/goodbye"
CRITICAL = "eyJhbGciOiJFUzI1NiIsImNyaXQiOjV9"  # {"alg":"ES256","crit":5}


@pytest.fixture(autouse=True)
def registered(identities: None, acme: Acme) -> None:
    """Where demo-web wants browsers back."""
    with acme(), transaction():
        client = find_client("demo-web")
        assert client is not None
        client.options = {"post_logout_redirect_uris": [GOODBYE]}
        touch()


def ask(go: Journey, **parameters: str) -> TestResponse:
    return go.http.get(ENDPOINT, query_string=parameters)


def is_signed_in(go: Journey) -> bool:
    return "You are signed in" in go.http.get("/login").get_data(as_text=True)


def claims_of(acme: Acme, id_token: str) -> dict[str, Any]:
    with acme():
        return dict(jwt.decode(id_token, public_keys(), algorithms=[ALGORITHM]).claims)


def forged(acme: Acme, id_token: str, *, kind: str = "JWT", key: ECKey | None = None, **changes: Any) -> str:
    """An ID token with other claims, signed with our key unless another is given."""
    claims = {**claims_of(acme, id_token), **changes}
    with acme():
        kid, ours = signing_key()
    return jwt.encode({"alg": "ES256", "typ": kind, "kid": kid}, claims, key or ours)


@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §2", "MUST")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_client_with_an_id_token_signs_its_person_out(go: Journey, logged: Logged, method: str) -> None:
    """At once, with its tokens, and back to where it registered, with its state."""
    tokens = go.tokens()
    wish = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE, "state": "a b"}
    where = {"query_string": wish} if method == "GET" else {"data": wish}
    answer = go.http.open(ENDPOINT, method=method, **where)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{GOODBYE}?state=a+b")
    assert (is_signed_in(go), go.use(tokens["access_token"])) == (False, 401)
    assert [event["actor"]["email"] for event in logged("auth.logout")] == [USER[0]]


@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §2", "MUST")
def test_hint_may_have_expired(go: Journey, acme: Acme) -> None:
    """It proves who asks, not that time has stood still."""
    old = forged(acme, go.tokens()["id_token"], iat=1, exp=2)
    assert ask(go, id_token_hint=old, post_logout_redirect_uri=GOODBYE).headers["Location"] == GOODBYE


def test_hint_may_be_signed_with_a_former_key(go: Journey, acme: Acme) -> None:
    """Keys rotate while people stay signed in."""
    hint = go.tokens()["id_token"]
    with acme():
        make_key()
    assert ask(go, id_token_hint=hint, post_logout_redirect_uri=GOODBYE).status_code == 303


def test_without_an_address_the_page_says_so(go: Journey) -> None:
    answer = ask(go, id_token_hint=go.tokens()["id_token"])
    assert (answer.status_code, "You are signed out" in answer.get_data(as_text=True)) == (200, True)
    assert not is_signed_in(go)


@pytest.mark.attack(46)
@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §2", "MUST")
@pytest.mark.parametrize("parameters", [{}, {"client_id": "demo-web"}, {"client_id": "nobody"}])
def test_without_a_hint_the_person_is_asked_and_stays_here(go: Journey, parameters: dict[str, str]) -> None:
    """Anybody can make such a link: it signs nobody out, and the browser goes nowhere, not even after a yes."""
    go.sign_in()
    page = ask(go, post_logout_redirect_uri=GOODBYE, **parameters)
    assert (page.status_code, "Sign out?" in page.get_data(as_text=True), is_signed_in(go)) == (200, True, True)
    done = go.submit(page)
    assert (done.status_code, "Location" in done.headers, is_signed_in(go)) == (200, False, False)


def test_link_back_is_offered_to_a_registered_address_only(go: Journey) -> None:
    """A person may go there by their own click."""
    go.sign_in()
    done = go.submit(ask(go, client_id="demo-web", post_logout_redirect_uri=GOODBYE, state="x"))
    assert f'href="{GOODBYE}?state=x"' in done.get_data(as_text=True)
    assert GOODBYE not in ask(go, post_logout_redirect_uri=GOODBYE).get_data(as_text=True)


@pytest.mark.attack(46)
@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §3", "MUST")
@pytest.mark.parametrize(
    "uri",
    [
        f"{GOODBYE}/",
        f"{GOODBYE}?x=1",
        GOODBYE.upper(),
        "https://evil.example/",
        "javascript:alert(1)",
        "//evil",
        CALLBACK,
    ],
)
@pytest.mark.parametrize("with_hint", [True, False])
def test_unregistered_address_is_never_gone_to(go: Journey, uri: str, with_hint: bool) -> None:
    """A page with 400, nothing repeated, and the session goes on."""
    hint = go.tokens()["id_token"]
    proof = {"id_token_hint": hint} if with_hint else {"client_id": "demo-web"}
    answer = ask(go, post_logout_redirect_uri=uri, **proof)
    assert (answer.status_code, "Location" in answer.headers, answer.mimetype) == (400, False, "text/html")
    assert (uri in answer.get_data(as_text=True), is_signed_in(go)) == (False, True)


@pytest.mark.attack(46)
@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §4", "MUST")
@pytest.mark.parametrize(
    "forge",
    [
        lambda acme, token: token[:-6] + "AAAAAA",
        lambda acme, token: forged(acme, token, key=ECKey.generate_key("P-256")),
        lambda acme, token: forged(acme, token, iss="https://evil.example"),
        lambda acme, token: forged(acme, token, aud="nobody"),
        lambda acme, token: forged(acme, token, aud=["demo-web"]),
        lambda acme, token: forged(acme, token, kind="at+jwt"),
        lambda acme, token: forged(acme, token, kind="logout+jwt"),
        lambda acme, token: f"{CRITICAL}.{token.partition('.')[2]}",
        lambda acme, token: "x.y.z",
        lambda acme, token: "ü" * 3000,
    ],
    ids=["signature", "key", "issuer", "client", "list", "access-token", "logout-token", "crit", "nonsense", "unicode"],
)
def test_forged_hint_ends_nothing(go: Journey, acme: Acme, forge: Callable[[Acme, str], str]) -> None:
    """No redirect, no sign-out."""
    hint = forge(acme, go.tokens()["id_token"])
    answer = ask(go, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert (answer.status_code, "Location" in answer.headers, is_signed_in(go)) == (400, False, True)


@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §2", "MUST")
def test_client_id_must_be_that_of_the_hint(go: Journey) -> None:
    answer = ask(go, id_token_hint=go.tokens()["id_token"], client_id="demo-native")
    assert (answer.status_code, is_signed_in(go)) == (400, True)


@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §2", "MUST")
def test_hint_of_another_session_asks_the_person_here(go: Journey, another: Journey) -> None:
    """Somebody else's ID token must not sign this person out; after a yes its client may have the browser back."""
    hint = another.tokens(ADMIN)["id_token"]
    go.sign_in()
    page = ask(go, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert ("Sign out?" in page.get_data(as_text=True), is_signed_in(go)) == (True, True)
    assert "form-action 'self' https://web.example;" in page.headers["Content-Security-Policy"]
    assert go.submit(page).headers["Location"] == GOODBYE
    assert (is_signed_in(go), is_signed_in(another)) == (False, True)


def test_form_of_another_site_brings_no_cookie_and_ends_the_session_all_the_same(go: Journey, another: Journey) -> None:
    """SameSite=Lax keeps the cookie back from a POST across sites; the ID token names the session."""
    tokens = go.tokens()
    answer = another.http.post(
        ENDPOINT, data={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE}
    )
    assert answer.headers["Location"] == GOODBYE
    assert (is_signed_in(go), go.use(tokens["access_token"])) == (False, 401)


def test_hint_of_a_session_that_ended_still_leads_back(go: Journey) -> None:
    hint = go.tokens()["id_token"]
    go.submit(go.http.get("/logout"))
    assert ask(go, id_token_hint=hint, post_logout_redirect_uri=GOODBYE).status_code == 303


@pytest.mark.attack(41)
@pytest.mark.requirement("RFC 9700 §4.7", "MUST")
@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_confirmation_must_come_from_our_page(go: Journey, token: str) -> None:
    """A form of another site confirms nothing."""
    go.sign_in()
    assert go.http.post(ENDPOINT, data={"form_token": token}).status_code == 403
    assert is_signed_in(go)


def test_confirmation_of_another_page_is_none(go: Journey) -> None:
    """The token of the sign-out page is for that page."""
    go.sign_in()
    assert go.http.post(ENDPOINT, data=form_of(go.http.get("/logout")).fields).status_code == 403


@pytest.mark.parametrize("text", ["%FF=%00", "state=%00", "state=a&state=b", "id_token_hint=%ff%fe"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_malformed_requests_are_refused(go: Journey, text: str, method: str) -> None:
    """RFC 6749 §3.1: repeated parameters, control characters, bytes that are no text."""
    go.sign_in()
    if method == "GET":
        answer = go.http.get(f"{ENDPOINT}?{text}")
    else:
        answer = go.http.post(ENDPOINT, data=text, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, is_signed_in(go)) == (400, True)


def test_body_of_another_kind_is_refused(go: Journey) -> None:
    assert go.http.post(ENDPOINT, json={"client_id": "demo-web"}).status_code == 400


@pytest.mark.requirement("OpenID Connect RP-Initiated Logout 1.0 §2", "MUST")
def test_languages_and_unknown_parameters_are_ignored(go: Journey) -> None:
    answer = ask(go, id_token_hint=go.tokens()["id_token"], ui_locales="de fr", logout_hint="x", other="y")
    assert answer.status_code == 200


def test_nobody_signed_in_is_told_so(go: Journey) -> None:
    assert "You are signed out" in ask(go).get_data(as_text=True)


@pytest.mark.requirement("OpenID Connect Back-Channel Logout 1.0 §2.1", "MUST")
def test_id_token_names_its_session(go: Journey, acme: Acme, logged: Logged) -> None:
    """`sid` is the session of the sign-in."""
    claims = claims_of(acme, go.tokens()["id_token"])
    assert claims["sid"] == logged("auth.login.succeeded")[0]["session_id"]


def test_logout_is_promised_and_can_be_off(database_url: str, go: Journey) -> None:
    """RP-Initiated Logout §2.1: the address is in the metadata, or nowhere."""
    on = go.http.get("/.well-known/openid-configuration").get_json()
    assert on["end_session_endpoint"] == "http://localhost/oauth/logout"
    assert on["frontchannel_logout_supported"] is False
    off = Journey(create_app(Settings(database_url=database_url, oauth_off=("rp_initiated_logout",))).test_client())
    assert "end_session_endpoint" not in off.http.get("/.well-known/openid-configuration").get_json()
    assert ask(off).status_code == 404
