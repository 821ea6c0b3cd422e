"""Redeeming authorization codes (RFC 6749 §4.1.3, RFC 7636, RFC 9700 §4.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.oauth.models.authorization_code import AuthorizationCode
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, NATIVE, VERIFIER, Journey, arrived

Logged = Callable[..., list[dict[str, Any]]]


@pytest.mark.requirement("RFC 6749 §5.1", "MUST")
@pytest.mark.requirement("RFC 9700 §2.2.2", "MUST")
def test_code_is_redeemed_once_for_tokens_that_work(visitor: Journey) -> None:
    """RFC 6749 §5.1: the answer states the scope; RFC 9700 §2.2.2: the refresh token comes with it."""
    answer = visitor.redeem(visitor.code()).get_json()
    assert {"token_type": "Bearer", "expires_in": 3600, "scope": "openid users:read"}.items() <= answer.items()
    assert visitor.use(answer["access_token"]) == 200
    assert "refresh_token" in answer


@pytest.mark.attack(14)
@pytest.mark.requirement("RFC 6749 §4.1.2", "MUST")
def test_replayed_code_is_refused_and_its_tokens_die(go: Journey, logged: Logged) -> None:
    """RFC 6749 §4.1.2: a code used twice is denied, and what came of it is revoked."""
    code = go.code()
    first = go.redeem(code).get_json()
    assert go.redeem(code).get_json()["error"] == "invalid_grant"
    assert (go.use(first["access_token"]), go.refresh(first["refresh_token"]).status_code) == (401, 400)
    assert [event["outcome"]["result"] for event in logged("oauth.code.reuse_detected")] == ["denied"]


def test_replay_by_another_client_leaves_the_tokens_alone(go: Journey, acme: Acme) -> None:
    """Only the owner's replay means that the code leaked from the owner: a thief must not be able to end a family."""
    with acme():
        builders.a_client("thief", grant_types=["authorization_code"], redirect_uris=[CALLBACK])
    code = go.code()
    first = go.redeem(code).get_json()
    assert go.redeem(code, auth=("thief", "secret")).get_json()["error"] == "invalid_grant"
    assert go.use(first["access_token"]) == 200


@pytest.mark.attack(16)
@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "x" * 43}, {"redirect_uri": f"{CALLBACK}/other"}, {"auth": ("demo-web", "?")}]
)
def test_refused_redemption_does_not_use_the_code_up(visitor: Journey, wrong: dict[str, Any]) -> None:
    """A code is consumed only after client, redirect URI and verifier match, so that nobody can spoil it for its owner."""
    code = visitor.code()
    assert visitor.redeem(code, **wrong).status_code in {400, 401}
    assert visitor.redeem(code).status_code == 200


@pytest.mark.attack(13)
@pytest.mark.requirement("RFC 7636 §4.6", "MUST")
@pytest.mark.parametrize(
    "verifier", [None, "", "wrong-verifier-wrong-verifier-wrong-verifier-1", VERIFIER[:42], VERIFIER * 4, "ü" * 43]
)
def test_verifier_must_match(visitor: Journey, verifier: str | None) -> None:
    """RFC 7636 §4.6: wrong, missing, short, long and malformed verifiers are `invalid_grant`."""
    answer = visitor.redeem(visitor.code(), code_verifier=verifier)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.attack(12)
@pytest.mark.requirement("RFC 9700 §4.8", "MUST")
def test_verifier_without_a_stored_challenge_is_refused(go: Journey, acme: Acme) -> None:
    """RFC 9700 §4.8: no downgrade, even if a code without challenge existed."""
    code = go.code()
    with acme(), transaction() as session:
        session.execute(update(AuthorizationCode).values(code_challenge=""))
    assert go.redeem(code).get_json()["error"] == "invalid_grant"


@pytest.mark.attack(16)
@pytest.mark.requirement("RFC 6749 §4.1.3", "MUST")
@pytest.mark.parametrize(
    "changes", [{"redirect_uri": None}, {"redirect_uri": "http://127.0.0.1:9999/callback"}, {"code": "unknown"}]
)
def test_code_is_bound_to_its_redirect_uri(visitor: Journey, changes: dict[str, Any]) -> None:
    """RFC 6749 §4.1.3: the redirect URI is repeated exactly, the loopback port included."""
    answer = visitor.redeem(**{"code": visitor.code(), **changes})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.attack(16)
@pytest.mark.requirement("RFC 6749 §4.1.2", "MUST")
def test_code_expires(go: Journey, acme: Acme) -> None:
    """RFC 6749 §4.1.2: after a minute the code is worth nothing, and nothing is revoked for it."""
    code = go.code()
    with acme(), transaction() as session:
        session.execute(update(AuthorizationCode).values(expires_at=wall_seconds()))
    assert go.redeem(code).get_json() == {
        "error": "invalid_grant",
        "error_description": "The code has expired (RFC 6749 section 4.1.2).",
    }


@pytest.mark.requirement("RFC 8252 §8.1", "MUST")
def test_public_client_redeems_with_its_verifier(visitor: Journey) -> None:
    """RFC 8252 §8.1: no secret, any port of its loopback redirect URI."""
    code = visitor.code(**NATIVE)
    answer = visitor.redeem(code, auth=None, **NATIVE)
    assert answer.status_code == 200


def test_user_who_was_suspended_in_between_gets_nothing(go: Journey, acme: Acme) -> None:
    """Permission counts at the moment of issue, not at the moment of consent."""
    code = go.code()
    with acme():
        user = users.find_by_email("user@acme.example")
        assert user is not None
        users.suspend(user.id)
    assert go.redeem(code).get_json()["error"] == "invalid_grant"


@pytest.mark.requirement("RFC 6749 §5.1", "MUST")
def test_scope_is_narrowed_to_what_roles_allow(visitor: Journey) -> None:
    """RFC 6749 §5.1: the answer says what was granted; a member gets no `users:write`, an administrator does."""
    wanted = "openid users:read users:write"
    assert visitor.tokens(scope=wanted)["scope"] == "openid users:read"
    assert visitor.tokens(ADMIN, scope=wanted)["scope"] == wanted


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
def test_missing_code_is_an_invalid_request(visitor: Journey) -> None:
    """RFC 6749 §5.2."""
    answer = visitor.token(grant_type="authorization_code", redirect_uri=CALLBACK)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.requirement("RFC 6749 §3.1.2.3", "MUST")
@pytest.mark.requirement("RFC 6749 §4.1.3", "MUST")
def test_redirect_uri_may_be_left_out_when_there_is_only_one(visitor: Journey) -> None:
    """RFC 6749 §3.1.2.3 and §4.1.3: then the token request need not repeat it either."""
    visitor.sign_in()
    code = arrived(visitor.consent(redirect_uri=None))["code"]
    assert visitor.redeem(code, redirect_uri=None).status_code == 200
