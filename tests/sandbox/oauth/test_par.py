"""Pushed authorization requests (RFC 9126)."""

from __future__ import annotations

import hashlib
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
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.oauth.models.pushed_request import PushedRequest
from sandbox.settings import InvalidSetting, Settings
from tests import builders
from tests.proofs import Holder
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, NATIVE, USER, WEB, Journey, arrived, asking
from tests.sandbox.oauth.test_authorize import EVIL, is_page

URN = "urn:ietf:params:oauth:request_uri:"
AT_ONCE = 12


def push(go: Journey, auth: tuple[str, str] | None = WEB, **changes: str | None) -> TestResponse:
    return go.http.post(f"{go.prefix}/oauth/par", data=asking(**changes), auth=auth)


def pushed(go: Journey, **changes: str | None) -> str:
    answer = push(go, **changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["request_uri"])


def visit(go: Journey, request_uri: str, client_id: str = "demo-web", **beside: str) -> TestResponse:
    return go.http.get("/oauth/authorize", query_string={"client_id": client_id, "request_uri": request_uri, **beside})


@pytest.mark.requirement("RFC 9126 §2.2", "MUST")
def test_push_answers_with_a_reference_and_its_lifetime(visitor: Journey) -> None:
    """201 with a `request_uri` that cannot be guessed and `expires_in`, kept nowhere on the way."""
    first, second = push(visitor), push(visitor)
    told = first.get_json()
    assert (first.status_code, told.keys(), first.headers["Cache-Control"]) == (
        201,
        {"request_uri", "expires_in"},
        "no-store",
    )
    assert 5 <= told["expires_in"] <= 600
    assert told["request_uri"].startswith(URN)
    assert len(told["request_uri"]) >= len(URN) + 43
    assert told["request_uri"] != second.get_json()["request_uri"]


@pytest.mark.requirement("RFC 9126 §4", "MUST")
def test_reference_leads_the_whole_way_to_a_token(go: Journey) -> None:
    """A pushed request is what is authorized: sign-in, consent, code, token."""
    login = go.follow(visit(go, pushed(go, nonce="n-1")))
    assert "to continue to Demo-Web" in login.get_data(as_text=True)
    assert "form-action 'self' http://127.0.0.1:8765;" in login.headers["Content-Security-Policy"]
    consent = go.follow(go.follow(go.submit(login, email=USER[0], password=USER[1])))
    told = arrived(go.submit(consent, decision="allow"))
    assert (told["state"], told["iss"]) == ("xyz", "http://localhost")
    assert "id_token" in go.redeem(told["code"]).get_json()


@pytest.mark.requirement("RFC 9126 §2", "MUST")
def test_public_client_pushes_by_its_name(go: Journey) -> None:
    """The same authentication as at the token endpoint, which is none for a public client."""
    answer = push(go, auth=None, **NATIVE)
    go.sign_in()
    arrival = go.submit(go.follow(visit(go, answer.get_json()["request_uri"], "demo-native")), decision="allow")
    assert arrival.headers["Location"].startswith(f"{NATIVE['redirect_uri']}?code=")


@pytest.mark.attack(32)
@pytest.mark.requirement("RFC 9126 §2", "MUST")
@pytest.mark.parametrize(
    ("auth", "client_id", "status", "error"),
    [
        (None, "demo-web", 401, "invalid_client"),
        (("demo-web", "wrong"), "demo-web", 401, "invalid_client"),
        (WEB, "demo-native", 400, "invalid_request"),
    ],
)
def test_push_wants_client_authentication(
    visitor: Journey, auth: tuple[str, str] | None, client_id: str, status: int, error: str
) -> None:
    """Nobody pushes in the name of another client, or of a confidential one without its secret."""
    answer = push(visitor, auth=auth, client_id=client_id)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)


def test_client_that_authenticated_need_not_repeat_its_name(visitor: Journey) -> None:
    assert push(visitor, client_id=None).status_code == 201


@pytest.mark.requirement("RFC 9126 §2.1", "MUST")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request_uri": f"{URN}nested"}, "invalid_request"),
        ({"redirect_uri": EVIL}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid nonsense"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "x"}, "invalid_request_object"),
    ],
)
def test_request_is_checked_when_it_is_pushed(visitor: Journey, changes: dict[str, str | None], error: str) -> None:
    """What the authorization endpoint would refuse is refused at once, to the client itself; a nested reference too."""
    answer = push(visitor, **changes)
    assert (answer.status_code, answer.get_json()["error"], "Location" in answer.headers) == (400, error, False)


@pytest.mark.requirement("RFC 9126 §2.3", "MUST")
def test_wrong_method_and_repeated_parameters_are_refused(visitor: Journey) -> None:
    """405 for anything but POST, `invalid_request` for a parameter that comes twice."""
    assert visitor.http.get("/oauth/par").status_code == 405
    repeated = [*asking().items(), ("scope", "openid")]
    body = "&".join(f"{name}={value}" for name, value in repeated)
    answer = visitor.http.post("/oauth/par", data=body, auth=WEB, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.requirement("RFC 9126 §4", "MUST")
def test_page_may_be_reloaded_until_a_code_is_issued(go: Journey) -> None:
    """Looking at sign-in and consent uses nothing up; the code does, and after it the reference is worth nothing."""
    request_uri = pushed(go)
    login = [go.follow(visit(go, request_uri)) for _ in range(3)][-1]
    after = go.submit(login, email=USER[0], password=USER[1]).headers["Location"]
    consent = [go.follow(go.http.get(after)) for _ in range(3)][-1]
    again = go.http.get(consent.request.full_path)
    assert again.status_code == 200
    assert "code" in arrived(go.submit(again, decision="allow"))
    for late in (visit(go, request_uri), go.submit(consent, decision="allow"), go.http.get(after)):
        assert is_page(late)


@pytest.mark.requirement("RFC 9126 §4", "MUST")
def test_denial_does_not_use_the_reference_up(go: Journey) -> None:
    """Whoever said no by mistake goes back and says yes."""
    request_uri = pushed(go)
    go.sign_in()
    page = go.follow(visit(go, request_uri))
    assert arrived(go.submit(page, decision="deny"))["error"] == "access_denied"
    assert "code" in arrived(go.submit(page, decision="allow"))


@pytest.mark.attack(32)
@pytest.mark.requirement("RFC 9126 §4", "MUST")
def test_parameters_beside_the_reference_are_ignored(go: Journey) -> None:
    """Scope, state and redirect URI of the address change nothing."""
    request_uri = pushed(go, state="pushed", scope="openid")
    go.sign_in()
    beside = {"state": "query", "scope": "openid users:read", "redirect_uri": EVIL, "response_mode": "fragment"}
    answer = go.submit(go.follow(visit(go, request_uri, **beside)), decision="allow")
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    told = arrived(answer)
    assert (told["state"], go.redeem(told["code"]).get_json()["scope"]) == ("pushed", "openid")


@pytest.mark.attack(32)
@pytest.mark.requirement("RFC 9126 §7.3", "MUST")
@pytest.mark.parametrize("client_id", ["demo-native", "demo-connector", "nobody", ""])
def test_reference_of_another_client_gets_a_page(visitor: Journey, client_id: str) -> None:
    """Never a redirect: the reference is bound to the client that pushed it."""
    assert is_page(visit(visitor, pushed(visitor), client_id))


@pytest.mark.requirement("RFC 9126 §2.2", "MUST")
@pytest.mark.parametrize("name", ["", "x", "ü", "0" * 5000, "a b"])
def test_unknown_reference_gets_a_page(visitor: Journey, name: str) -> None:
    """Never a redirect, whatever else the address says."""
    assert is_page(visit(visitor, URN + name, redirect_uri=CALLBACK, state="xyz"))


@pytest.mark.requirement("RFC 9126 §4", "MUST")
def test_expired_reference_gets_a_page(go: Journey, acme: Acme) -> None:
    """Also for a browser that never came before."""
    request_uri = pushed(go)
    age(acme)
    assert is_page(visit(go, request_uri))


def test_browser_that_came_in_time_has_time_to_decide(go: Journey, acme: Acme) -> None:
    """A short lifetime is for the way to the browser, not for reading and typing."""
    request_uri = pushed(go)
    visit(go, request_uri)
    with acme():
        (row,) = db.session.scalars(select(PushedRequest)).all()
        assert row.expires_at - wall_seconds() > 300
        opened, expires = row.opened_at, row.expires_at
    visit(go, request_uri)
    with acme():
        (row,) = db.session.scalars(select(PushedRequest)).all()
        assert (row.opened_at, row.expires_at) == (opened, expires)


def test_reference_is_kept_as_a_hash_without_the_secret(go: Journey, acme: Acme) -> None:
    with acme():
        a_web_client("poster", auth_method="client_secret_post")
    answer = push(go, auth=None, client_id="poster", client_secret="secret")
    with acme():
        (row,) = db.session.scalars(select(PushedRequest)).all()
    assert row.id == hashlib.sha256(answer.get_json()["request_uri"].encode()).hexdigest()
    assert not row.parameters.keys() & {"client_secret", "client_assertion"}


@pytest.mark.requirement("RFC 9126 §6", "MUST")
def test_client_may_be_held_to_pushing(go: Journey, acme: Acme) -> None:
    """`require_pushed_authorization_requests` of a client: plain requests are refused, pushed ones work."""
    with acme():
        a_web_client("strict", options={"require_pushed_authorization_requests": True})
    assert arrived(go.authorize(client_id="strict"))["error"] == "invalid_request"
    request_uri = push(go, auth=("strict", "secret"), client_id="strict").get_json()["request_uri"]
    assert urlsplit(visit(go, request_uri, "strict").headers["Location"]).path == "/login"


@pytest.mark.requirement("RFC 9126 §5", "MUST")
def test_server_may_hold_everybody_to_pushing(database_url: str, identities: None) -> None:
    """The setting, the metadata that says so, and the lifetime that is set."""
    app = create_app(Settings(database_url=database_url, require_pushed_requests=True, pushed_request_seconds=5))
    go = Journey(app.test_client())
    document = go.http.get("/.well-known/oauth-authorization-server").get_json()
    assert document["require_pushed_authorization_requests"] is True
    assert arrived(go.authorize())["error"] == "invalid_request"
    assert push(go).get_json()["expires_in"] == 5


@pytest.mark.parametrize("seconds", [4, 601, 0, -1])
def test_lifetime_out_of_bounds_is_refused_at_start(seconds: int) -> None:
    """RFC 9126 §2.2 speaks of 5 to 600 seconds."""
    with pytest.raises(InvalidSetting, match="PUSHED_REQUEST_SECONDS"):
        Settings(pushed_request_seconds=seconds)


def test_switched_off_it_is_neither_promised_nor_served(database_url: str, identities: None) -> None:
    go = Journey(create_app(Settings(database_url=database_url, oauth_off=("par",))).test_client())
    document = go.http.get("/.well-known/openid-configuration").get_json()
    assert not [name for name in document if "pushed" in name]
    assert push(go).status_code == 404
    answer = visit(go, f"{URN}x", redirect_uri=CALLBACK)
    assert arrived(answer)["error"] == "request_uri_not_supported"


def test_push_is_promised(visitor: Journey) -> None:
    document = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    assert document["pushed_authorization_request_endpoint"] == "http://localhost/oauth/par"
    assert document["require_pushed_authorization_requests"] is False


def test_reference_of_another_tenant_is_unknown(visitor: Journey, standing_elsewhere: Journey) -> None:
    request_uri = pushed(standing_elsewhere)
    assert is_page(visit(visitor, request_uri))


@pytest.mark.attack(17)
@pytest.mark.requirement("RFC 9449 §10.1", "MUST")
@pytest.mark.parametrize("named", ["same", "none"])
def test_pushed_request_is_bound_to_the_key_of_its_proof(go: Journey, acme: Acme, named: str) -> None:
    """The code of a request that was pushed with a proof is redeemed with that key alone."""
    holder = Holder()
    proof = {"DPoP": holder.proof("POST", "http://localhost/oauth/par")}
    form = asking(dpop_jkt=holder.jkt if named == "same" else None)
    answer = go.http.post("/oauth/par", data=form, auth=WEB, headers=proof)
    go.sign_in()
    page = go.follow(visit(go, answer.get_json()["request_uri"]))
    code = arrived(go.submit(page, decision="allow"))["code"]
    assert go.redeem(code).get_json()["error"] == "invalid_dpop_proof"
    with acme():
        (row,) = db.session.scalars(select(PushedRequest)).all()
    assert row.parameters["dpop_jkt"] == [holder.jkt]


@pytest.mark.requirement("RFC 9449 §10.1", "MUST")
def test_dpop_jkt_must_be_the_key_of_the_proof(visitor: Journey) -> None:
    """A proof beside the push is as good as the parameter, and must not contradict it."""
    proof = {"DPoP": Holder().proof("POST", "http://localhost/oauth/par")}
    answer = visitor.http.post("/oauth/par", data=asking(dpop_jkt=Holder().jkt), auth=WEB, headers=proof)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.storage
@pytest.mark.requirement("RFC 9126 §4", "MUST")
def test_one_reference_gives_one_code(app: Flask, go: Journey, acme: Acme) -> None:
    """Of twelve browsers' tabs that allow at the same moment one gets a code, the others a page."""
    go.sign_in()
    page = go.follow(visit(go, pushed(go)))
    page.get_data()  # Read once, before twelve threads would begin to at the same moment.
    cookie = go.http.get_cookie("harbor_acme")
    assert cookie is not None
    barrier = Barrier(AT_ONCE)

    def allow(_: int) -> TestResponse:
        tab = Journey(app.test_client())
        tab.http.set_cookie("harbor_acme", cookie.value)
        barrier.wait(timeout=60)
        return tab.submit(page, decision="allow")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(allow, range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {303: 1, 400: AT_ONCE - 1}
    (winner,) = (answer for answer in answers if answer.status_code == 303)
    assert go.redeem(arrived(winner)["code"]).status_code == 200


NAMES = st.sampled_from(
    [*asking(), "nonce", "prompt", "max_age", "resource", "request", "request_uri", "response_mode"]
)


@settings(max_examples=60)
@given(changes=st.dictionaries(NAMES, st.text(max_size=60), max_size=5))
def test_no_parameter_is_our_fault(visitor: Journey, changes: dict[str, str]) -> None:
    """Whatever a parameter contains, the answer is a protocol error, at both endpoints, and both agree.

    But for a `client_id` that is left out: whoever authenticates has named itself.
    """
    form = {name: value.encode("utf-8", "surrogatepass") for name, value in {**asking(), **changes}.items()}
    there = visitor.http.post("/oauth/par", data=form, auth=WEB)
    here = visitor.http.post("/oauth/authorize", data=form)
    assert there.status_code in {201, 400, 401}
    assert here.status_code in {303, 400}
    if there.status_code == 201 and changes.get("client_id") != "":
        assert urlsplit(here.headers["Location"]).path in {"/login", "/consent"}


def a_web_client(client_id: str, **given: Any) -> None:
    """A client of the code flow with the secret `secret`."""
    code = {"grant_types": ["authorization_code", "refresh_token"], "redirect_uris": [CALLBACK]}
    builders.a_client(client_id, scope="openid users:read", **code, **given)


def age(acme: Callable[[], Any]) -> None:
    """Let every pushed request expire."""
    with acme(), transaction() as session:
        session.execute(update(PushedRequest).values(expires_at=wall_seconds()))
