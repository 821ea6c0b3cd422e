"""The rules of groups."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.database import db
from sandbox.foundation.problems import Conflict, InvalidRequest
from sandbox.resources.groups import service
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


def test_members_are_listed_with_their_names(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        group_id, ada = builders.a_group().id, builders.a_user(name="Ada", email="ada@acme.example").id
        builders.a_membership(group_id, ada)
        builders.a_membership(builders.a_group().id, builders.a_user().id)
    rows = client.get(f"/v1/groups/{group_id}/members", headers=anything).get_json()["data"]
    assert [(row["user_id"], row["name"], row["email"]) for row in rows] == [(ada, "Ada", "ada@acme.example")]


def test_groups_of_a_person_are_listed(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        mine, other, user_id = builders.a_group().id, builders.a_group().id, builders.a_user().id
        builders.a_membership(mine, user_id)
        builders.a_membership(other, builders.a_user().id)
    rows = client.get(f"/v1/users/{user_id}/groups", headers=anything).get_json()["data"]
    assert [(row["id"], row["member_count"]) for row in rows] == [(mine, 1)]
    assert client.get("/v1/users/usr_none/groups", headers=anything).status_code == 404


def test_list_gives_groups_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.a_group(name="Blue")
        builders.a_group(name="Red", type="security")
    expected = {"name=Blue": ["Blue"], "type=security": ["Red"], "name=blue": []}
    rows = {query: client.get(f"/v1/groups?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["name"] for row in found] for query, found in rows.items()} == expected


@pytest.mark.storage
def test_name_belongs_to_one_group(in_acme: None) -> None:
    service.create(name="Robotics")
    other = service.create(name="Design").id
    with pytest.raises(Conflict):
        service.create(name="Robotics")
    with pytest.raises(Conflict):
        service.update(other, name="Robotics")
    assert service.find(other).name == "Design"


@pytest.mark.storage
def test_member_is_added_once_and_taken_out_once(in_acme: None) -> None:
    group_id, user_id = builders.a_group().id, builders.a_user().id
    for _ in range(2):
        service.add_member(group_id, user_id=user_id)
    assert service.present([service.find(group_id)])[0].member_count == 1
    service.remove_member(group_id, user_id=user_id)
    with pytest.raises(service.NotFound):
        service.remove_member(group_id, user_id=user_id)


@pytest.mark.storage
def test_many_members_come_and_go_at_once_or_not_at_all(in_acme: None) -> None:
    group_id, users = builders.a_group().id, [builders.a_user().id for _ in range(4)]
    service.change_members(group_id, add=users[:3])
    service.change_members(group_id, add=users[1:], remove=[users[0], users[0], "usr_stranger"])
    present = {membership.user_id for membership in db.session.scalars(service.members(group_id))}
    assert present == set(users[1:])
    for refused in ("usr_nobody", builders.a_user(status="deleted").id):
        with pytest.raises(InvalidRequest):
            service.change_members(group_id, add=[users[0], refused], remove=users)
    assert {membership.user_id for membership in db.session.scalars(service.members(group_id))} == present


def test_tombstone_cannot_join(in_acme: None) -> None:
    with pytest.raises(Conflict):
        service.add_member(builders.a_group().id, user_id=builders.a_user(status="deleted").id)


def test_deleted_group_leaves_its_members(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        group_id, user_id = builders.a_group().id, builders.a_user().id
        builders.a_membership(group_id, user_id)
    assert client.delete(f"/v1/groups/{group_id}", headers=anything).status_code == 204
    assert client.get(f"/v1/groups/{group_id}", headers=anything).status_code == 404
    for path in (f"/v1/users/{user_id}/groups", f"/v1/users?group_id={group_id}"):
        assert client.get(path, headers=anything).get_json()["data"] == []
    assert client.get(f"/v1/users/{user_id}", headers=anything).get_json()["status"] == "active"
