"""The rules of grants."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.client import find_client
from sandbox.foundation.problems import NotFound
from sandbox.resources.apps import service as apps
from sandbox.resources.grants import service
from sandbox.resources.users.service import find_by_email
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.mark.storage
def test_consent_creates_a_grant_and_widens_it_later(in_acme: None) -> None:
    user_id, client = builders.a_user().id, builders.a_client()
    app = apps.for_client(client.id)
    first = service.record_consent(user_id, client, frozenset({"openid"}))
    second = service.record_consent(user_id, client, frozenset({"users:read"}))
    assert (first.id, first.app_id) == (second.id, app.id)
    assert second.scopes == ["openid", "users:read"]


def test_consent_to_what_is_granted_already_leaves_no_trace(
    acme: Enter, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with acme():
        user_id, client = builders.a_user().id, builders.a_client("web")
        apps.for_client(client.id)
        for scopes in ({"openid", "email"}, {"email"}, {"openid", "users:read"}):
            service.record_consent(user_id, client, frozenset(scopes))
    events = [event for event in logged() if event["action"] == "oauth.grant.created"]
    assert [event["changes"] for event in events] == [
        [{"field": "scopes", "old": [], "new": ["openid", "email"]}],
        [{"field": "scopes", "old": ["openid", "email"], "new": ["openid", "email", "users:read"]}],
    ]


def test_wider_consent_moves_when_the_app_was_last_authorized(
    client: FlaskClient, anything: Headers, acme: Enter, travel: Callable[[timedelta], None]
) -> None:
    def shown(path: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(path, headers=anything).get_json()
        return answer

    moments = []
    for distance, scopes in ((0, {"openid"}), (1, {"openid"}), (1, {"openid", "email"})):
        travel(timedelta(hours=distance))
        with acme():
            web = find_client("web") or builders.a_client("web")
            app_id = apps.for_client("web").id
            user = find_by_email("mia@acme.example") or builders.a_user(email="mia@acme.example")
            grant_id = service.record_consent(user.id, web, frozenset(scopes)).id
        grant = shown(f"/v1/grants/{grant_id}")
        assert grant["last_authorized_at"] == shown(f"/v1/apps/{app_id}")["last_authorized_at"]
        moments.append((grant["granted_at"], grant["last_authorized_at"]))
    assert moments[0] == moments[1]
    assert (moments[2][0], moments[2][1] > moments[1][1]) == (moments[0][0], True)


def test_consent_after_a_revocation_is_a_new_grant(in_acme: None) -> None:
    user_id, client = builders.a_user().id, builders.a_client()
    apps.for_client(client.id)
    first = service.record_consent(user_id, client, frozenset({"openid", "email"})).id
    service.revoke(first, reason="test")
    second = service.record_consent(user_id, client, frozenset({"openid"}))
    assert (second.id != first, second.scopes) == (True, ["openid"])


def test_consent_needs_an_app_and_a_person(in_acme: None) -> None:
    client = builders.a_client()
    with pytest.raises(ValueError, match="for_client"):
        service.record_consent(builders.a_user().id, client, frozenset({"openid"}))
    apps.for_client(client.id)
    with pytest.raises(NotFound):
        service.record_consent("usr_none", client, frozenset({"openid"}))


def test_revocation_ends_the_tokens_of_the_grant_and_no_others(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        user_id = builders.an_administrator().id
        grants = [builders.a_grant(user_id, builders.an_app().id).id for _ in range(2)]
        tokens = [
            {"Authorization": f"Bearer {builders.an_access_token('users:read', user_id=user_id, grant_id=grant)}"}
            for grant in grants
        ]
    assert [client.get("/v1/users", headers=token).status_code for token in tokens] == [200, 200]
    assert client.delete(f"/v1/grants/{grants[0]}", headers=anything).status_code == 204
    assert [client.get("/v1/users", headers=token).status_code for token in tokens] == [401, 200]


def test_grant_is_revoked_once(in_acme: None) -> None:
    grant_id = builders.a_grant(builders.a_user().id, builders.an_app().id).id
    assert [service.revoke(grant_id, reason="test") for _ in range(2)] == [True, False]


def test_list_gives_grants_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.a_user().id
        builders.a_grant(user_id, "a")
        builders.a_grant(user_id, "b", status="revoked")
    expected = {"status=active": ["a"], "status=revoked": ["b"], "app_id=b": ["b"], f"user_id={user_id}": ["a", "b"]}
    rows = {query: client.get(f"/v1/grants?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: sorted(row["app_id"] for row in found) for query, found in rows.items()} == expected


def test_own_grants_need_no_scope_of_grants_and_others_do(client: FlaskClient, acme: Enter) -> None:
    """Rulings 1: members may see their own grants."""
    with acme():
        builders.a_role(key="member", scope="users:read")
        mine, other = builders.a_user().id, builders.a_user().id
        builders.an_assignment(mine, "member")
        grant_id = builders.a_grant(mine, builders.an_app().id).id
        headers = {"Authorization": f"Bearer {builders.an_access_token('users:read', user_id=mine)}"}
    assert [row["id"] for row in client.get(f"/v1/users/{mine}/grants", headers=headers).json["data"]] == [grant_id]
    assert client.get(f"/v1/users/{other}/grants", headers=headers).status_code == 403
