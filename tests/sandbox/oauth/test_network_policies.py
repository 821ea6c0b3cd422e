"""Network policies at the authorization server: sign-in and token endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from sandbox.foundation.database import transaction
from sandbox.resources.roles.model import Role
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CONNECTOR, USER, Journey

Logged = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def shut_out(acme: Acme) -> Callable[..., str]:
    """Let an audience in from elsewhere only; gives the policy's id."""

    def shut(audience: str) -> str:
        with acme():
            with transaction() as session:
                privileged = update(Role).where(Role.key == "administrator").values(is_privileged=True)
                session.execute(privileged)
            return builders.a_network_policy(applies_to=audience, is_enforced=True).id

    return shut


def test_sign_in_is_refused_and_recorded_from_a_network_that_is_not_allowed(
    go: Journey, shut_out: Callable[..., str], logged: Logged
) -> None:
    policy_id = shut_out("everyone")
    answer = go.sign_in(USER)
    event = logged("auth.login.failed")[-1]
    assert (answer.status_code, "from this network" in answer.text) == (401, True)
    assert (event["outcome"]["reason"], event["details"]["policy"]) == ("network_policy", policy_id)


def test_wrong_password_is_told_nothing_of_networks(go: Journey, shut_out: Callable[..., str]) -> None:
    shut_out("everyone")
    assert "from this network" not in go.sign_in((USER[0], "wrong")).text


def test_administrators_may_be_held_to_other_networks(
    go: Journey, shut_out: Callable[..., str], logged: Logged
) -> None:
    shut_out("administrators")
    go.sign_in(USER)
    assert go.sign_in(ADMIN).status_code == 401
    assert [event["actor"]["email"] for event in logged("auth.login.succeeded")] == [USER[0]]


@pytest.mark.parametrize("audience", ["everyone", "api"])
def test_token_endpoint_refuses_a_network_that_is_not_allowed(
    go: Journey, shut_out: Callable[..., str], logged: Logged, audience: str
) -> None:
    shut_out(audience)
    answer = go.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=CONNECTOR)
    assert (answer.status_code, answer.get_json()["error"]) == (403, "access_denied")
    assert [event["outcome"]["reason"] for event in logged("oauth.token.refused")] == ["access_denied"]


def test_token_endpoint_is_open_where_only_administrators_are_concerned(
    go: Journey, shut_out: Callable[..., str]
) -> None:
    shut_out("administrators")
    answer = go.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=CONNECTOR)
    assert answer.status_code == 200
