"""The rules of third-party applications."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.client import find_client
from sandbox.foundation.problems import NotFound
from sandbox.resources.apps import service
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


def test_client_stands_for_one_app_that_is_described_when_it_is_first_asked_for(in_acme: None) -> None:
    builders.a_client("web", name="Web", scope="openid email")
    app = service.for_client("web")
    shown = service.present([app])[0]
    assert service.for_client("web").id == app.id == find_client("web").app_id  # type: ignore[union-attr]
    assert (shown.name, shown.scopes, shown.permission_level) == ("Web", ["openid", "email"], "low")
    assert (shown.publisher.is_verified, shown.status) == (False, "enabled")


def test_app_of_an_unknown_client_is_not_found(in_acme: None) -> None:
    with pytest.raises(NotFound):
        service.for_client("nobody")


@pytest.mark.parametrize(
    ("scope", "level"),
    [
        ("openid profile", "low"),
        ("openid users:read", "medium"),
        ("users:write", "high"),
        ("scim", "high"),
        ("", "low"),
    ],
)
def test_permission_level_tells_how_far_scopes_reach(scope: str, level: str) -> None:
    assert service.permission_level(frozenset(scope.split())) == level


def test_users_are_those_with_an_active_grant(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        app_id, other = builders.an_app().id, builders.an_app().id
        for given in ({}, {}, {"status": "revoked"}):
            builders.a_grant(builders.a_user().id, app_id, **given)
    counts = {row["id"]: row["user_count"] for row in client.get("/v1/apps", headers=anything).get_json()["data"]}
    assert counts == {app_id: 2, other: 0}


@pytest.mark.control("IAM-SaaS-07", call="POST /v1/apps/{app_id}/disable")
def test_disabled_app_loses_its_tokens_at_once_and_does_not_get_them_back(
    client: FlaskClient, acme: Enter, token: Callable[..., Headers]
) -> None:
    theirs, mine = token("users:read", client_id="web"), token("users:read")
    with acme():
        app_id = service.for_client("web").id
    assert client.get("/v1/users", headers=theirs).status_code == 200
    with acme():
        assert [service.disable(app_id), service.disable(app_id)] == [True, False]
        assert find_client("web").is_enabled is False  # type: ignore[union-attr]
    assert [client.get("/v1/users", headers=who).status_code for who in (theirs, mine)] == [401, 200]
    with acme():
        assert [service.enable(app_id), service.enable(app_id)] == [True, False]
        assert find_client("web").is_enabled is True  # type: ignore[union-attr]
    assert client.get("/v1/users", headers=theirs).status_code == 401


def test_app_without_a_client_can_be_disabled(in_acme: None) -> None:
    app_id = builders.an_app().id
    assert service.disable(app_id) is True
    assert service.find(app_id).status == "disabled"


def test_list_gives_apps_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.an_app(name="a", publisher_is_verified=True)
        builders.an_app(name="b", origin="internal", permission_level="high")
    expected = {"is_verified=true": ["a"], "is_verified=false": ["b"], "origin=internal": ["b"]}
    expected |= {"permission_level=high": ["b"], "status=disabled": []}
    rows = {query: client.get(f"/v1/apps?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["name"] for row in found] for query, found in rows.items()} == expected
