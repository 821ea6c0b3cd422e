"""The rules of roles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.problems import Conflict, NotFound
from sandbox.resources.roles import service
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.mark.control("IAM-SaaS-16", time="a token, the role taken away, the next request")
def test_role_that_is_given_and_taken_counts_on_the_next_request(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    """Rulings 1: effective permission is the granted scope ∩ what the roles allow now."""
    with acme():
        role_id, user_id = builders.a_role(scope="users:read").id, builders.a_user().id
        bearer = builders.an_access_token("users:read groups:read", user_id=user_id)
    theirs = {"Authorization": f"Bearer {bearer}"}
    assert client.get("/v1/users", headers=theirs).status_code == 403
    client.post(f"/v1/roles/{role_id}/members", headers=anything, json={"user_id": user_id})
    assert [client.get(path, headers=theirs).status_code for path in ("/v1/users", "/v1/groups")] == [200, 403]
    client.delete(f"/v1/roles/{role_id}/members/{user_id}", headers=anything)
    assert client.get("/v1/users", headers=theirs).status_code == 403


def test_holders_are_listed_and_counted_without_tombstones(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        role_id, ada = builders.a_role(key="auditor").id, builders.a_user(name="Ada").id
        builders.an_assignment(ada, "auditor")
        builders.an_assignment(builders.a_user(status="deleted").id, "auditor")
    assert client.get(f"/v1/roles/{role_id}", headers=anything).get_json()["member_count"] == 1
    assert "Ada" in [row["name"] for row in client.get(f"/v1/roles/{role_id}/members", headers=anything).json["data"]]


@pytest.mark.storage
def test_last_active_administrator_keeps_the_role(in_acme: None) -> None:
    """Nobody could give it back."""
    user_id = builders.an_administrator().id
    role_id = builders.db.session.scalars(service.search(key="administrator")).one().id
    builders.an_assignment(builders.a_user(status="suspended").id, "administrator")
    with pytest.raises(Conflict):
        service.revoke(role_id, user_id=user_id)
    builders.an_administrator()
    service.revoke(role_id, user_id=user_id)
    with pytest.raises(NotFound):
        service.revoke(role_id, user_id=user_id)


def test_role_given_twice_is_given_once(in_acme: None) -> None:
    role, user_id = builders.a_role(), builders.a_user().id
    for _ in range(2):
        service.grant(role.id, user_id=user_id)
    assert service.present([service.find(role.id)])[0].member_count == 1


def test_tombstone_gets_no_role(in_acme: None) -> None:
    with pytest.raises(Conflict):
        service.grant(builders.a_role().id, user_id=builders.a_user(status="deleted").id)


def test_list_gives_roles_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.a_role(key="red")
        builders.a_role(key="blue", is_privileged=True)
    expected = {"key=red": ["red"], "is_privileged=true": ["blue"], "is_privileged=false": ["red"]}
    rows = {query: client.get(f"/v1/roles?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["key"] for row in found] for query, found in rows.items()} == expected
