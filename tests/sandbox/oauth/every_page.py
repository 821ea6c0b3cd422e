"""Every page that a person can come to, in each of its states, by a name for it."""

from __future__ import annotations

import json
from collections.abc import Callable

from werkzeug.test import TestResponse

from sandbox.access.acr import TWO_FACTORS
from sandbox.access.client import find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.resources.apps import service as apps
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, AUDITOR, CALLBACK, NATIVE, USER, Journey

GOODBYE = "https://web.example/goodbye"
MUCH = "openid profile email users:read groups:read users:write audit:read"
ABOUT = {
    "client_uri": "https://web.example/",
    "policy_uri": "https://web.example/privacy",
    "tos_uri": "https://web.example/terms",
    "post_logout_redirect_uris": [GOODBYE],
}
ITSELF = {"client_id": "https://app.example/client.json", "client_name": "Stranger's app", "redirect_uris": [CALLBACK]}
"""A client that describes itself, for whoever remembers the document."""
SECRET = "HARBORADMINTOTPSECRETFORTESTONLY"
PROJECT = json.dumps([{"type": "harbor_project", "identifier": "prj_01", "actions": ["read", "comment"]}])
Pages = dict[str, TestResponse]


def visit_every_page(stranger: Journey, person: Journey, acme: Acme) -> Pages:
    """Go everywhere: as somebody unknown, as a member, as an administrator; last as somebody who tried too often."""
    _describe(acme)
    return {
        **_as_stranger(stranger),
        **_as_member(person),
        **_leaving(person),
        **_as_administrator(stranger),
        "too many attempts": _tried_too_often(person),
    }


def _describe(acme: Acme) -> None:
    with acme():
        admin = users.find_by_email(ADMIN[0])
        assert admin is not None
        builders.an_authenticator(admin.id, SECRET)
    with acme(), transaction():
        app, client, auditor = apps.for_client("demo-web"), find_client("demo-web"), users.find_by_email(AUDITOR[0])
        assert client is not None
        assert auditor is not None
        app.name, app.description = "Robot Arm Planner", "Plans what robot arms do next."
        app.publisher_name, app.publisher_is_verified = "Acme Robotics", True
        client.options = ABOUT
        auditor.status = "suspended"
        touch()


def _as_stranger(go: Journey) -> Pages:
    return {
        "sign in": go.http.get("/login"),
        "sign in for a client": go.follow(go.authorize()),
        "sign in refused": go.sign_in((USER[0], "wrong")),
        "sign in of somebody suspended": go.sign_in(AUDITOR),
        "device code": go.http.get("/device"),
        "nobody to sign out": go.http.get("/logout"),
        "refused request": go.authorize(redirect_uri="https://evil.example/"),
        "refused form": go.http.post("/login", data={}),
        "refused by form post": go.authorize(response_mode="form_post", prompt="none"),
        "wrong method": go.http.delete("/login"),
        "refused sign-out": go.http.get("/oauth/logout", query_string={"id_token_hint": "x"}),
    }


def _as_member(go: Journey) -> Pages:
    go.sign_in()
    pages = {"applications, none": go.http.get("/account/apps"), **_asked(go), **_devices(go)}
    pages["answer by form post"] = go.consent(scope=MUCH, response_mode="form_post")
    return {
        **pages,
        "signed in": go.http.get("/login"),
        "password": go.http.get("/account/password"),
        "password refused": go.submit(go.http.get("/account/password"), present="wrong", new="wrong"),
        "applications": go.http.get("/account/apps"),
        "application that is not theirs": go.submit(go.http.get("/account/apps"), grant_id="gra_unknown"),
        "application withdrawn": go.follow(go.submit(go.http.get("/account/apps"))),
    }


def _asked(go: Journey) -> Pages:
    consent: Callable[..., TestResponse] = lambda **asked: go.follow(go.authorize(prompt="consent", **asked))  # noqa: E731
    return {
        "consent": consent(scope=MUCH),
        "consent for a public client": consent(**NATIVE),
        "consent for a client that describes itself": consent(client_id=str(ITSELF["client_id"])),
        "consent to details": consent(authorization_details=PROJECT),
    }


def _devices(go: Journey) -> Pages:
    code: Callable[..., str] = lambda scope: go.ask_as_device(scope=scope).get_json()["user_code"]  # noqa: E731
    finer = go.ask_as_device(authorization_details=PROJECT).get_json()["user_code"]
    return {
        "device": go.http.get("/device", query_string={"user_code": code("openid users:read audit:read")}),
        "device that asks for details": go.http.get("/device", query_string={"user_code": finer}),
        "device beyond the roles": go.http.get("/device", query_string={"user_code": code("audit:read")}),
        "device code, wrong": go.http.get("/device", query_string={"user_code": "WDJB-MJHT"}),
        "device allowed": go.follow(go.decide_device(code("openid"))),
        "device denied": go.follow(go.decide_device(code("openid"), "deny")),
    }


def _leaving(go: Journey) -> Pages:
    """Every way to sign out, from the question to the page afterwards."""
    back = {"client_id": "demo-web", "post_logout_redirect_uri": GOODBYE}
    pages = {
        "sign out": go.http.get("/logout"),
        "sign out for a client": go.http.get("/oauth/logout", query_string={"client_id": "demo-web"}),
        "signed out": go.submit(go.http.get("/logout")),
    }
    go.sign_in()
    pages["signed out for a client"] = go.submit(go.http.get("/oauth/logout", query_string=back))
    return pages


def _as_administrator(go: Journey) -> Pages:
    go.sign_in(ADMIN)
    factor = go.http.get("/login/factor")
    return {
        "consent to changes": go.follow(go.authorize(prompt="consent", scope="openid users:write scim")),
        "second factor": factor,
        "second factor for a client": go.follow(go.authorize(acr_values=TWO_FACTORS)),
        "second factor refused": go.submit(factor, code="000000"),
    }


def _tried_too_often(go: Journey) -> TestResponse:
    """Guess until nobody listens any more; a minute may pass in between."""
    for _ in range(200):
        answer = go.sign_in((USER[0], "wrong"))
        if answer.status_code == 429:
            break
    return answer
