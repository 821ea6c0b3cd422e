"""Which applications people may let in, and what they may give, is what the tenant decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sandbox.foundation.database import transaction
from sandbox.resources.apps import service as apps
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, USER, Journey, arrived
from tests.sandbox.oauth.policies.conftest import Decide

Logged = Callable[..., list[dict[str, Any]]]
DECISIONS: list[tuple[str, Any]] = [
    ("apps.user_consent", "admin_approval"),
    ("apps.user_consent", "verified_only"),
    ("apps.publisher_verified_only", True),
    ("apps.allowlist.enforced", True),
]


def describe(acme: Acme, **values: Any) -> None:
    """Describe the app of demo-web."""
    with acme(), transaction():
        app = apps.for_client("demo-web")
        for name, value in values.items():
            setattr(app, name, value)


def ask(go: Journey, who: tuple[str, str] = USER, **changes: str | None) -> TestResponse:
    """Sign in, and ask for authorization."""
    go.sign_in(who)
    return go.authorize(**{"prompt": "consent", **changes})


def is_asked(answer: TestResponse) -> bool:
    return "/consent" in answer.headers["Location"]


def test_everybody_may_let_everything_in_by_default(go: Journey) -> None:
    assert is_asked(ask(go))


@pytest.mark.storage
@pytest.mark.parametrize(("key", "value"), DECISIONS)
@pytest.mark.control("IAM-SaaS-19", call="PATCH /v1/configuration/apps.allowlist.enforced")
def test_application_is_kept_out(go: Journey, decide: Decide, logged: Logged, key: str, value: Any) -> None:
    """The client hears why, and the log too."""
    decide(key, value)
    assert arrived(ask(go))["error"] == "access_denied"
    (event,) = logged("oauth.consent.denied")
    assert (event["actor"]["email"], event["outcome"]["reason"]) == (USER[0], "app_not_allowed")


@pytest.mark.parametrize(("key", "value"), DECISIONS)
@pytest.mark.control("IAM-SaaS-19", call="PATCH /v1/configuration/apps.allowlist.clients")
def test_application_of_the_allow_list_is_let_in(go: Journey, decide: Decide, key: str, value: Any) -> None:
    decide(key, value)
    decide("apps.allowlist.clients", ["demo-web"])
    assert is_asked(ask(go))


@pytest.mark.parametrize(("key", "value"), DECISIONS)
def test_own_application_is_let_in(go: Journey, acme: Acme, decide: Decide, key: str, value: Any) -> None:
    describe(acme, origin="internal")
    decide(key, value)
    assert is_asked(ask(go))


@pytest.mark.parametrize(("key", "value"), DECISIONS)
def test_administrator_approves_for_themselves_but_for_the_list(
    go: Journey, decide: Decide, key: str, value: Any
) -> None:
    decide(key, value)
    assert is_asked(ask(go, ADMIN)) == (key != "apps.allowlist.enforced")


@pytest.mark.parametrize(("key", "value"), DECISIONS)
@pytest.mark.control("IPY-SaaS-02", call="PATCH /v1/configuration/apps.publisher_verified_only")
def test_verified_publisher_is_enough_where_only_that_is_wanted(
    go: Journey, acme: Acme, decide: Decide, key: str, value: Any
) -> None:
    describe(acme, publisher_is_verified=True)
    decide(key, value)
    assert is_asked(ask(go)) == (value == "verified_only" or key == "apps.publisher_verified_only")


def test_consent_of_before_does_not_help(go: Journey, decide: Decide) -> None:
    go.tokens()
    decide("apps.user_consent", "admin_approval")
    assert arrived(go.authorize())["error"] == "access_denied"


def test_decision_on_a_page_of_before_does_not_help(go: Journey, decide: Decide) -> None:
    page = go.follow(ask(go))
    decide("apps.user_consent", "admin_approval")
    assert arrived(go.submit(page, decision="allow"))["error"] == "access_denied"


def test_device_is_kept_out_too(go: Journey, decide: Decide) -> None:
    codes = go.ask_as_device().get_json()
    go.sign_in()
    decide("apps.user_consent", "admin_approval")
    assert go.decide_device(codes["user_code"]).status_code == 400
    assert go.poll(codes["device_code"]).get_json()["error"] == "authorization_pending"


def test_blocked_scope_is_given_to_nobody_but_own_applications(go: Journey, acme: Acme, decide: Decide) -> None:
    decide("apps.blocked_scopes", ["users:read"])
    assert go.tokens(scope="openid users:read")["scope"] == "openid"
    describe(acme, origin="internal")
    assert go.tokens(scope="openid users:read")["scope"] == "openid users:read"


def test_client_cannot_register_for_a_blocked_scope(go: Journey, decide: Decide) -> None:
    assert go.register(scope="openid users:read").status_code == 201
    decide("apps.blocked_scopes", ["users:read"])
    refused = go.register(scope="openid users:read")
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_client_metadata")
