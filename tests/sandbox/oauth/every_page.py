"""Every page that a person can come to, in each of its states, by a name for it."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.test import TestResponse

from sandbox.access.client import find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.resources.apps import service as apps
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, NATIVE, USER, Journey

GOODBYE = "https://web.example/goodbye"
MUCH = "openid profile email users:read groups:read users:write audit:read"
ABOUT = {
    "client_uri": "https://web.example/",
    "policy_uri": "https://web.example/privacy",
    "tos_uri": "https://web.example/terms",
    "post_logout_redirect_uris": [GOODBYE],
}
Pages = dict[str, TestResponse]


def visit_every_page(stranger: Journey, person: Journey, acme: Acme) -> Pages:
    """Go everywhere: as somebody unknown, as a member, as an administrator."""
    _describe(acme)
    pages = {**_as_stranger(stranger), **_as_member(person), **_as_administrator(stranger)}
    pages["sign out for a client"] = person.http.get("/oauth/logout", query_string={"client_id": "demo-web"})
    back = {"client_id": "demo-web", "post_logout_redirect_uri": GOODBYE}
    pages["signed out for a client"] = person.submit(person.http.get("/oauth/logout", query_string=back))
    return pages


def _describe(acme: Acme) -> None:
    with acme(), transaction():
        app, client = apps.for_client("demo-web"), find_client("demo-web")
        assert client is not None
        app.name, app.description = "Robot Arm Planner", "Plans what robot arms do next."
        app.publisher_name, app.publisher_is_verified = "Acme Robotics", True
        client.options = ABOUT
        touch()


def _as_stranger(go: Journey) -> Pages:
    return {
        "sign in": go.http.get("/login"),
        "sign in for a client": go.follow(go.authorize()),
        "sign in refused": go.sign_in((USER[0], "wrong")),
        "device code": go.http.get("/device"),
        "signed out": go.http.get("/logout"),
        "refused request": go.authorize(redirect_uri="https://evil.example/"),
        "refused form": go.http.post("/login", data={}),
        "wrong method": go.http.delete("/login"),
        "refused sign-out": go.http.get("/oauth/logout", query_string={"id_token_hint": "x"}),
    }


def _as_member(go: Journey) -> Pages:
    go.sign_in()
    code: Callable[..., str] = lambda scope: go.ask_as_device(scope=scope).get_json()["user_code"]  # noqa: E731
    pages = {
        "applications, none": go.http.get("/account/apps"),
        "consent": go.follow(go.authorize(prompt="consent", scope=MUCH)),
        "consent for a public client": go.follow(go.authorize(**NATIVE, prompt="consent")),
        "device": go.http.get("/device", query_string={"user_code": code("openid users:read audit:read")}),
        "device beyond the roles": go.http.get("/device", query_string={"user_code": code("audit:read")}),
        "device code, wrong": go.http.get("/device", query_string={"user_code": "WDJB-MJHT"}),
        "device allowed": go.follow(go.decide_device(code("openid"))),
        "device denied": go.follow(go.decide_device(code("openid"), "deny")),
    }
    go.consent(scope=MUCH)
    return {
        **pages,
        "signed in": go.http.get("/login"),
        "applications": go.http.get("/account/apps"),
        "application withdrawn": go.follow(go.submit(go.http.get("/account/apps"))),
        "sign out": go.http.get("/logout"),
    }


def _as_administrator(go: Journey) -> Pages:
    go.sign_in(ADMIN)
    return {"consent to changes": go.follow(go.authorize(prompt="consent", scope="openid users:write scim"))}
