"""Identity providers at sign-in: a password is not enough where one is enforced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, USER, Journey

Logged = Callable[..., list[dict[str, Any]]]


def enforce(acme: Acme) -> None:
    """Hold everybody but the administrator to a provider."""
    with acme():
        administrator = users.find_by_email(ADMIN[0])
        assert administrator is not None
        builders.an_exemption(builders.an_identity_provider(is_enforced=True).id, administrator.id)


@pytest.mark.control(
    "IAM-SaaS-04",
    flow="sign-in where a provider is enforced",
    level="partial",
    note="providers are described and enforced; signing in through one is not there, neither OpenID Connect nor SAML",
)
@pytest.mark.control("IAM-SaaS-05", call="PATCH /v1/identity-providers/{provider_id}")
def test_password_is_refused_and_the_refusal_recorded_where_a_provider_is_enforced(
    go: Journey, acme: Acme, logged: Logged
) -> None:
    enforce(acme)
    answer = go.sign_in(USER)
    assert (answer.status_code, "identity provider" in answer.text) == (401, True)
    assert [event["outcome"]["reason"] for event in logged("auth.login.failed")] == ["sso_required"]


def test_wrong_password_is_told_nothing_of_providers(go: Journey, acme: Acme) -> None:
    enforce(acme)
    assert "identity provider" not in go.sign_in((USER[0], "wrong")).text


@pytest.mark.control("IAM-SaaS-05", call="POST /v1/identity-providers/{provider_id}/exemptions")
def test_who_is_exempt_signs_in_with_a_password(go: Journey, acme: Acme, logged: Logged) -> None:
    enforce(acme)
    go.sign_in(ADMIN)
    assert [event["actor"]["email"] for event in logged("auth.login.succeeded")] == [ADMIN[0]]
