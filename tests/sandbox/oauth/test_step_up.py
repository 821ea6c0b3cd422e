"""Step-up: levels of signing in, how a request asks for one, how a resource demands one (RFC 9470, OpenID Connect Core)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from sandbox.access.acr import ONE_FACTOR, TWO_FACTORS, is_at_least
from sandbox.access.client import Client
from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth import totp
from sandbox.oauth.models.authentication import Authentication
from sandbox.resources.users import service as users
from sandbox.resources.users.model import Factor
from sandbox.settings import Settings
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import (
    ADMIN,
    WEB,
    Journey,
    arrived,
    asking,
    form_of,
)

SECRET = "HARBORADMINTOTPSECRETFORTESTONLY"
ESSENTIAL = json.dumps({"id_token": {"acr": {"essential": True, "values": [TWO_FACTORS]}}})
Logged = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def enrolled(acme: Acme, go: Journey) -> Journey:
    """A journey in which the administrator has an authenticator app."""
    with acme():
        person = users.find_by_email(ADMIN[0])
        assert person is not None
        builders.an_authenticator(person.id, SECRET)
    return go


def right_code() -> str:
    return totp.code_at(SECRET, totp.step_of(wall_seconds()))


def claims_of(value: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(jws.extract_compact(value.encode()).payload)
    return claims


def path(answer: TestResponse) -> str:
    return urlsplit(answer.headers["Location"]).path


def stepped_up(go: Journey, **changes: str) -> dict[str, Any]:
    """Sign in as the administrator, prove the second factor on the way, and get tokens."""
    go.sign_in(ADMIN)
    page = go.follow(go.authorize(**{"acr_values": TWO_FACTORS, "prompt": "consent", **changes}))
    consent = go.follow(go.follow(go.submit(page, code=right_code())))
    answer: dict[str, Any] = go.redeem(arrived(go.submit(consent, decision="allow"))["code"]).get_json()
    return answer


@pytest.mark.requirement("RFC 9470 §5", "MUST")
@pytest.mark.requirement("RFC 9470 §6.1", "MUST")
def test_second_factor_is_asked_and_told(enrolled: Journey) -> None:
    """From the request over the page to `acr` and `auth_time` in both tokens and in introspection."""
    answer = stepped_up(enrolled)
    told = enrolled.http.post("/oauth/introspect", data={"token": answer["access_token"]}, auth=WEB).get_json()
    for claims in (claims_of(answer["id_token"]), claims_of(answer["access_token"]), told):
        assert claims["acr"] == TWO_FACTORS
        assert abs(claims["auth_time"] - wall_seconds()) < 60


def test_password_alone_is_told_as_such(visitor: Journey) -> None:
    """OpenID Connect Core §2: the level is always told, also to who did not ask."""
    answer = visitor.tokens()
    assert claims_of(answer["id_token"])["acr"] == claims_of(answer["access_token"])["acr"] == ONE_FACTOR


@pytest.mark.requirement("RFC 9470 §5", "MUST")
def test_tokens_from_before_keep_their_level(enrolled: Journey) -> None:
    """A refresh after the step-up gives what was authorized: the level of then."""
    before = enrolled.tokens(ADMIN)
    stepped_up(enrolled)
    again = enrolled.refresh(before["refresh_token"]).get_json()
    assert claims_of(again["access_token"])["acr"] == ONE_FACTOR


def test_reached_level_is_not_asked_again(enrolled: Journey) -> None:
    stepped_up(enrolled)
    assert "code" in arrived(enrolled.authorize(acr_values=TWO_FACTORS))
    assert "code" in arrived(enrolled.authorize(acr_values=ONE_FACTOR))
    assert "code" in arrived(enrolled.authorize(claims=ESSENTIAL, prompt="none"))


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "SHOULD")
@pytest.mark.parametrize(
    ("acr_values", "asked"),
    [
        (f"{TWO_FACTORS} {ONE_FACTOR}", True),
        (f"{ONE_FACTOR} {TWO_FACTORS}", False),
        (f"urn:elsewhere {TWO_FACTORS}", True),
        ("urn:elsewhere", False),
    ],
)
def test_values_are_tried_in_their_order(enrolled: Journey, acr_values: str, asked: bool) -> None:
    """Preferred first; what nobody knows here is passed over."""
    enrolled.sign_in(ADMIN)
    assert (path(enrolled.authorize(acr_values=acr_values)) == "/login/factor") == asked


@pytest.mark.requirement("OpenID Connect Core §5.5.1.1", "SHOULD")
def test_wish_that_cannot_be_met_is_passed_over(visitor: Journey) -> None:
    """Without a second factor, or with prompt=none, a voluntary request goes on, and the token tells the truth."""
    answer = visitor.tokens(acr_values=TWO_FACTORS)
    assert claims_of(answer["id_token"])["acr"] == ONE_FACTOR


def test_silent_request_goes_on_at_the_level_that_there_is(enrolled: Journey) -> None:
    enrolled.sign_in(ADMIN)
    enrolled.consent()
    assert "code" in arrived(enrolled.authorize(acr_values=TWO_FACTORS, prompt="none"))
    assert arrived(enrolled.authorize(claims=ESSENTIAL, prompt="none"))["error"] == "login_required"


@pytest.mark.requirement("RFC 9470 §5", "MAY")
@pytest.mark.requirement("OpenID Connect Core §5.5.1.1", "MUST")
def test_condition_that_cannot_be_met_is_an_error(visitor: Journey) -> None:
    """`unmet_authentication_requirements`: for a person without a second factor, and at once for a level of elsewhere."""
    nowhere = json.dumps({"id_token": {"acr": {"essential": True, "value": "urn:elsewhere"}}})
    assert arrived(visitor.authorize(claims=nowhere))["error"] == "unmet_authentication_requirements"
    visitor.sign_in()
    told = arrived(visitor.authorize(claims=ESSENTIAL))
    assert (told["error"], told["state"]) == ("unmet_authentication_requirements", "xyz")


def test_condition_that_can_be_met_is_asked(enrolled: Journey) -> None:
    enrolled.sign_in(ADMIN)
    assert path(enrolled.authorize(claims=ESSENTIAL)) == "/login/factor"


@pytest.mark.parametrize("wrong", ["000000", "", "x" * 5000, "ü", "١٢٣٤٥٦"])
def test_wrong_code_is_refused_and_logged(enrolled: Journey, logged: Logged, wrong: str) -> None:
    enrolled.sign_in(ADMIN)
    page = enrolled.follow(enrolled.authorize(acr_values=TWO_FACTORS))
    answer = enrolled.submit(page, code=wrong)
    assert (answer.status_code, "That code is wrong" in answer.get_data(as_text=True)) == (401, True)
    (event,) = logged("auth.mfa.denied")
    assert (event["outcome"], event["actor"]["email"]) == ({"result": "failure", "reason": "mfa_denied"}, ADMIN[0])


def test_right_code_is_logged_with_its_session(enrolled: Journey, logged: Logged) -> None:
    stepped_up(enrolled)
    challenged, passed = logged("auth.mfa.challenged", "auth.mfa.passed")
    assert (challenged["actor"]["email"], challenged["details"]) == (ADMIN[0], {"factor": "totp"})
    signed_in = logged("auth.login.succeeded")
    assert passed["details"] == {"factor": "totp"}
    assert [event["details"]["mfa"] for event in signed_in] == [False, True]
    assert signed_in[0]["session_id"] != signed_in[1]["session_id"]


@pytest.mark.storage
@pytest.mark.requirement("RFC 6238 §5.2", "MUST")
def test_code_is_accepted_once(app: Flask, acme: Acme, enrolled: Journey) -> None:
    """Of twelve who send it at the same moment one gets in, whose session the others no longer have.

    An older code is worth nothing afterwards.
    """
    enrolled.sign_in(ADMIN)
    page, code = enrolled.follow(enrolled.authorize(acr_values=TWO_FACTORS)), right_code()
    cookie = enrolled.http.get_cookie("harbor_acme")
    assert cookie is not None
    barrier = Barrier(12)

    def send(_: int) -> str:
        tab = Journey(app.test_client())
        tab.http.set_cookie("harbor_acme", cookie.value)
        barrier.wait(timeout=60)
        answer = tab.submit(page, code=code)
        return path(answer) if answer.status_code == 303 else answer.status

    with ThreadPoolExecutor(12) as threads:
        outcomes = Counter(threads.map(send, range(12)))
    assert (outcomes.pop("/oauth/authorize"), outcomes.keys() <= {"401 UNAUTHORIZED", "/login"}) == (1, True)
    enrolled.sign_in(ADMIN)
    page = enrolled.follow(enrolled.authorize(acr_values=TWO_FACTORS))
    former = totp.code_at(SECRET, totp.step_of(wall_seconds()) - 1)
    assert enrolled.submit(page, code=former).status_code == 401


def test_cookie_changes_with_the_level(enrolled: Journey) -> None:
    """A cookie from before is worth nothing, should somebody have stolen it."""
    enrolled.sign_in(ADMIN)
    page = enrolled.follow(enrolled.authorize(acr_values=TWO_FACTORS, prompt="consent"))
    before = enrolled.http.get_cookie("harbor_acme")
    enrolled.submit(page, code=right_code())
    after = enrolled.http.get_cookie("harbor_acme")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    enrolled.http.set_cookie("harbor_acme", before.value)
    assert path(enrolled.authorize()) == "/login"


def test_removed_factor_is_none(enrolled: Journey, acme: Acme) -> None:
    """What `reset-factors` takes away cannot be used."""
    with acme(), transaction() as session:
        session.execute(delete(Factor))
    enrolled.sign_in(ADMIN)
    assert path(enrolled.authorize(acr_values=TWO_FACTORS)) == "/consent"
    assert enrolled.http.get("/login/factor").headers["Location"] == "/login"


@pytest.mark.parametrize("token", [None, "0" * 64, "ü"])
def test_form_without_its_token_changes_nothing(enrolled: Journey, logged: Logged, token: str | None) -> None:
    """RFC 9700 §4.7."""
    enrolled.sign_in(ADMIN)
    form = {"code": right_code(), **({"form_token": token} if token else {})}
    assert enrolled.http.post("/login/factor", data=form).status_code == 403
    assert logged("auth.mfa.passed", "auth.mfa.denied") == []


def test_page_needs_somebody_who_signed_in(visitor: Journey) -> None:
    answer = visitor.http.get("/login/factor", query_string={"next": "/oauth/authorize?x=1"})
    assert path(answer) == "/login"


def test_page_leads_nowhere_else(enrolled: Journey) -> None:
    """RFC 9700 §4.11: no open redirector here either."""
    enrolled.sign_in(ADMIN)
    fields = form_of(enrolled.http.get("/login/factor", query_string={"next": "https://evil.example/"})).fields
    sent = {**fields, "next": "//evil.example/", "code": right_code()}
    assert enrolled.http.post("/login/factor", data=sent).headers["Location"] == "/login"


def test_attempts_are_limited(database_url: str, enrolled: Journey) -> None:
    """A code has a million values, so they must not be tried at machine speed (RFC 4226 §7.3)."""
    go = Journey(create_app(Settings(database_url=database_url, sign_in_rate_limit="3/minute")).test_client())
    go.sign_in(ADMIN)
    page = go.follow(go.authorize(acr_values=TWO_FACTORS))
    assert [go.submit(page, code="000000").status_code for _ in range(3)] == [401, 401, 429]


def test_fresh_sign_in_and_second_factor_together(enrolled: Journey, acme: Acme) -> None:
    """`prompt=login` is satisfied by the password, whose proof survives the change of the session."""
    enrolled.sign_in(ADMIN)
    enrolled.consent()
    login = enrolled.follow(enrolled.authorize(prompt="login", acr_values=TWO_FACTORS))
    factor = enrolled.follow(enrolled.follow(enrolled.submit(login, email=ADMIN[0], password=ADMIN[1])))
    assert "code" in arrived(enrolled.follow(enrolled.submit(factor, code=right_code())))


def test_second_factor_is_no_fresh_sign_in(enrolled: Journey, acme: Acme) -> None:
    """Whoever goes straight to the page for it must still type the password for `prompt=login` and `max_age`."""
    enrolled.sign_in(ADMIN)
    with acme(), transaction() as session:
        session.execute(update(Authentication).values(auth_time=Authentication.auth_time - 600))
    wanted = enrolled.authorize(max_age="300", acr_values=TWO_FACTORS)
    address = wanted.headers["Location"].split("next=")[1]
    page = enrolled.http.get(f"/login/factor?next={address}%26signed_in%3D{'0' * 64}")
    assert path(enrolled.follow(enrolled.submit(page, code=right_code()))) == "/login"


@pytest.mark.requirement("OpenID Connect Registration §2", "MUST")
def test_client_has_a_default_for_max_age(go: Journey, acme: Acme) -> None:
    """`default_max_age` counts where a request says nothing."""
    with acme(), transaction() as session:
        session.get_one(Client, (current_tenant_id(), "demo-web")).options = {"default_max_age": 300}
    go.sign_in()
    assert path(go.authorize()) == "/consent"
    with acme(), transaction() as session:
        session.execute(update(Authentication).values(auth_time=Authentication.auth_time - 600))
    assert path(go.authorize()) == "/login"
    assert path(go.authorize(max_age="3000")) == "/consent"


@pytest.mark.requirement("RFC 9470 §7", "MAY")
def test_levels_are_promised(visitor: Journey) -> None:
    """`acr_values_supported`, weakest first."""
    document = visitor.http.get("/.well-known/openid-configuration").get_json()
    assert document["acr_values_supported"] == [ONE_FACTOR, TWO_FACTORS]
    assert document["claims_parameter_supported"] is True


@pytest.mark.parametrize("off", ["step_up", "claims"])
def test_switched_off_it_is_ignored(database_url: str, enrolled: Journey, off: str) -> None:
    go = Journey(create_app(Settings(database_url=database_url, oauth_off=(off,))).test_client())
    document = go.http.get("/.well-known/openid-configuration").get_json()
    assert ("acr_values_supported" in document, document["claims_parameter_supported"]) == (
        off != "step_up",
        off != "claims",
    )
    go.sign_in(ADMIN)
    assert path(go.authorize(claims=ESSENTIAL, prompt="consent")) == "/consent"


def test_order_of_levels() -> None:
    assert is_at_least(TWO_FACTORS, ONE_FACTOR)
    assert not is_at_least(ONE_FACTOR, TWO_FACTORS)
    assert not any(is_at_least(one, other) for one, other in [(None, ONE_FACTOR), ("x", "x"), (TWO_FACTORS, "x")])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id_token", "userinfo", "acr", "essential", "values", "value"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=80)
@given(claims=JSON.map(json.dumps) | st.text(max_size=30))
def test_no_claims_parameter_is_our_fault(visitor: Journey, claims: str) -> None:
    """It is read, or refused in the protocol's words."""
    answer = visitor.http.post("/oauth/authorize", data={**asking(), "claims": claims.encode("utf-8", "surrogatepass")})
    assert answer.status_code in {303, 400}
