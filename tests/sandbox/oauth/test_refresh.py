"""Refresh tokens: rotation, families, scope (RFC 6749 §6, RFC 9700 §4.14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from sandbox.access.client import hash_secret
from sandbox.access.token import RefreshToken
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.resources.grants import service as grants
from sandbox.resources.grants.model import Grant
from sandbox.resources.roles import service as roles
from sandbox.resources.roles.model import Role
from sandbox.resources.users import service as users
from sandbox.resources.users.model import RoleAssignment
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, Journey

Logged = Callable[..., list[dict[str, Any]]]


@pytest.mark.requirement("RFC 9700 §4.14.2", "MUST")
def test_refresh_gives_a_new_pair(visitor: Journey) -> None:
    """RFC 9700 §4.14.2: rotation; both access tokens work until they expire."""
    first = visitor.tokens()
    second = visitor.refresh(first["refresh_token"]).get_json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (visitor.use(first["access_token"]), visitor.use(second["access_token"])) == (200, 200)


@pytest.mark.attack(27)
@pytest.mark.requirement("RFC 9700 §4.14.2", "MUST")
def test_replay_ends_the_whole_family(go: Journey, logged: Logged) -> None:
    """RFC 9700 §4.14.2: the successor and every access token die with the replayed one."""
    first = go.tokens()
    second = go.refresh(first["refresh_token"]).get_json()
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert go.refresh(second["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert (go.use(first["access_token"]), go.use(second["access_token"])) == (401, 401)
    assert [event["outcome"]["result"] for event in logged("oauth.token.reuse_detected")] == ["denied"]


def test_replay_leaves_other_families_alone(go: Journey) -> None:
    other, first = go.tokens(), go.tokens()
    go.refresh(first["refresh_token"])
    go.refresh(first["refresh_token"])
    assert go.refresh(other["refresh_token"]).status_code == 200


@pytest.mark.attack(29)
@pytest.mark.requirement("RFC 6749 §6", "MUST")
def test_another_clients_attempt_is_refused_and_spoils_nothing(go: Journey, acme: Acme) -> None:
    """RFC 6749 §6: the token is bound to its client; only the owner's replay ends the family."""
    with acme():
        builders.a_client("thief", grant_types=["refresh_token"], redirect_uris=[CALLBACK])
    first = go.tokens()
    assert go.refresh(first["refresh_token"], auth=("thief", "secret")).get_json()["error"] == "invalid_grant"
    second = go.refresh(first["refresh_token"]).get_json()
    assert go.refresh(first["refresh_token"], auth=("thief", "secret")).get_json()["error"] == "invalid_grant"
    assert go.use(second["access_token"]) == 200


@pytest.mark.requirement("RFC 6749 §6", "MUST")
def test_scope_may_be_narrowed_and_the_successor_keeps_the_whole(visitor: Journey) -> None:
    """RFC 6749 §6: the new refresh token has the scope of the old one."""
    first = visitor.tokens()
    narrow = visitor.refresh(first["refresh_token"], scope="users:read").get_json()
    assert narrow["scope"] == "users:read"
    assert visitor.refresh(narrow["refresh_token"]).get_json()["scope"] == "openid users:read"


@pytest.mark.attack(29)
@pytest.mark.requirement("RFC 6749 §6", "MUST")
def test_escalation_is_an_invalid_scope_and_uses_nothing_up(visitor: Journey) -> None:
    """RFC 6749 §6."""
    first = visitor.tokens()
    answer = visitor.refresh(first["refresh_token"], scope="openid users:read groups:read")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")
    assert visitor.refresh(first["refresh_token"]).status_code == 200


@pytest.mark.attack(29)
@pytest.mark.requirement("RFC 6749 §1.5", "MUST")
def test_access_token_is_no_refresh_token(visitor: Journey) -> None:
    """RFC 6749 §1.5."""
    for value in (visitor.tokens()["access_token"], "unknown"):
        assert visitor.refresh(value).get_json()["error"] == "invalid_grant"


def test_missing_token_is_an_invalid_request(visitor: Journey) -> None:
    assert visitor.token(grant_type="refresh_token").get_json()["error"] == "invalid_request"


def test_role_taken_away_narrows_the_next_token(go: Journey, acme: Acme) -> None:
    """What a person may do now counts at each refresh; what was granted stays granted."""
    first = go.tokens(ADMIN, scope="openid users:write")
    with acme():
        role = db.session.scalars(select(Role).where(Role.key == "administrator")).one()
        admin = users.find_by_email(ADMIN[0])
        assert admin is not None
        builders.an_assignment(admin.id, "member")
        builders.an_administrator()
        roles.revoke(role.id, user_id=admin.id)
    assert go.refresh(first["refresh_token"]).get_json()["scope"] == "openid"


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
def test_nothing_left_to_allow_is_an_invalid_scope(go: Journey, acme: Acme) -> None:
    """RFC 6749 §5.2: rather than a token for nothing."""
    first = go.tokens()
    with acme(), transaction() as session:
        session.execute(delete(RoleAssignment))
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_scope"


@pytest.mark.requirement("RFC 7009 §2.1", "MUST")
def test_withdrawn_grant_ends_its_tokens(go: Journey, acme: Acme) -> None:
    """RFC 7009 §2.1 in the other direction: the person takes the permission back."""
    first = go.tokens()
    with acme():
        grants.revoke(db.session.scalars(select(Grant)).one().id, reason="changed my mind")
    assert (go.use(first["access_token"]), go.refresh(first["refresh_token"]).status_code) == (401, 400)


def test_expired_token_is_refused_without_suspicion(go: Journey, acme: Acme, logged: Logged) -> None:
    first = go.tokens()
    with acme(), transaction() as session:
        session.execute(update(RefreshToken).values(expires_at=wall_seconds()))
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert (logged("oauth.token.reuse_detected"), go.use(first["access_token"])) == ([], 200)


def test_value_is_kept_as_a_hash_only(go: Journey, acme: Acme) -> None:
    value = go.tokens()["refresh_token"]
    with acme():
        assert [token.token_hash for token in db.session.scalars(select(RefreshToken))] == [hash_secret(value)]


@pytest.mark.requirement("RFC 6749 §1.5", "MAY")
def test_client_without_the_grant_gets_no_refresh_token(go: Journey, acme: Acme) -> None:
    """RFC 6749 §1.5: it is optional, and follows the registration, with or without `offline_access`."""
    with acme():
        builders.a_client("short", grant_types=["authorization_code"], redirect_uris=[CALLBACK], scope="openid")
    code = go.code(client_id="short", scope="openid")
    assert "refresh_token" not in go.redeem(code, auth=("short", "secret")).get_json()


def test_refresh_is_logged_as_such(go: Journey, logged: Logged) -> None:
    go.refresh(go.tokens()["refresh_token"])
    event = logged("oauth.token.refreshed")[-1]
    assert (event["actor"]["id"], event["details"]["grant_type"]) == ("demo-web", "refresh_token")
    assert event["targets"][0]["name"] == "User"
