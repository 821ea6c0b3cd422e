"""A grant knows which of its scopes are used, and when last; noticing it costs a write a minute at most."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Statements = Callable[[], AbstractContextManager[list[str]]]
SCOPE = "openid users:read groups:read files:read"


@pytest.fixture
def granted(acme: Enter) -> tuple[str, str, Headers]:
    """A grant of an application, the application, and a token of it."""
    with acme():
        user_id, app_id = builders.an_administrator().id, builders.an_app(scope=SCOPE).id
        grant_id = builders.a_grant(user_id, app_id, scope=SCOPE).id
        token = builders.an_access_token("users:read groups:read", user_id=user_id, grant_id=grant_id)
        return grant_id, app_id, {"Authorization": f"Bearer {token}"}


def used(client: FlaskClient, anything: Headers, grant_id: str) -> dict[str, str | None]:
    shown = client.get(f"/v1/grants/{grant_id}", headers=anything).get_json()
    assert shown["unused_scopes"] == [one["scope"] for one in shown["scope_usage"] if one["last_used_at"] is None]
    return {one["scope"]: one["last_used_at"] for one in shown["scope_usage"] if one["last_used_at"]}


@pytest.mark.storage
def test_scope_that_a_view_requires_is_used_and_the_others_are_not(
    client: FlaskClient, anything: Headers, granted: tuple[str, str, Headers]
) -> None:
    grant_id, app_id, token = granted
    assert used(client, anything, grant_id) == {}
    assert client.get("/v1/users", headers=token).status_code == 200
    (scope, moment), *more = used(client, anything, grant_id).items()
    assert (scope, more) == ("users:read", [])
    shown = client.get(f"/v1/grants/{grant_id}", headers=anything).get_json()
    app = client.get(f"/v1/apps/{app_id}", headers=anything).get_json()
    assert moment == shown["last_used_at"] == app["last_used_at"]


def test_use_is_written_down_once_a_minute(
    client: FlaskClient,
    anything: Headers,
    granted: tuple[str, str, Headers],
    statements: Statements,
    travel: Callable[[timedelta], None],
) -> None:
    grant_id, _, token = granted
    writes = []
    for distance, path in ((0, "users"), (20, "users"), (0, "groups"), (90, "users")):
        travel(timedelta(seconds=distance))
        with statements() as seen:
            client.get(f"/v1/{path}", headers=token)
        writes.append(sum("UPDATE grants" in statement for statement in seen))
    assert writes == [1, 0, 1, 1]
    moments = used(client, anything, grant_id)
    assert moments["groups:read"] < moments["users:read"]


def test_refused_request_uses_nothing(
    client: FlaskClient, anything: Headers, granted: tuple[str, str, Headers]
) -> None:
    grant_id, _, token = granted
    assert client.get("/v1/audit-events", headers=token).status_code == 403
    assert used(client, anything, grant_id) == {}


def test_client_that_acts_for_itself_writes_nothing(
    client: FlaskClient, anything: Headers, statements: Statements
) -> None:
    with statements() as seen:
        client.get("/v1/users", headers=anything)
    assert not [statement for statement in seen if statement.startswith("UPDATE")]


def test_own_view_uses_the_lesser_scope(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    """Whoever looks at what is their own needs, and uses, no more than that takes."""
    with acme():
        builders.a_role(key="member", scope="users:read")
        user_id = builders.a_user().id
        builders.an_assignment(user_id, "member")
        grant_id = builders.a_grant(user_id, builders.an_app().id, scope="users:read grants:read").id
        token = builders.an_access_token("users:read", user_id=user_id, grant_id=grant_id)
    client.get(f"/v1/users/{user_id}/grants", headers={"Authorization": f"Bearer {token}"})
    assert list(used(client, anything, grant_id)) == ["users:read"]
