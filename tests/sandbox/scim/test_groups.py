"""Groups through SCIM: made, renamed, filled and emptied, each change recorded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import builders
from tests.sandbox.scim.directory import GROUP, Directory, refusal

Acme = Callable[[], AbstractContextManager[Any]]
Logged = Callable[[], list[dict[str, Any]]]


def members(group: dict[str, Any]) -> list[str]:
    return sorted(member["value"] for member in group.get("members", []))


@pytest.mark.storage
def test_provisioned_group_has_its_members_here_and_in_the_native_api(
    directory: Directory, client: FlaskClient, anything: dict[str, str]
) -> None:
    ada, bob = directory.add_user("ada")["id"], directory.add_user("bob")["id"]
    body = {
        "schemas": [GROUP],
        "displayName": "Engines",
        "externalId": "g-1",
        "members": [{"value": ada}, {"value": bob}],
    }
    answer = directory.send("POST", "/Groups", body)
    made = answer.get_json()
    assert (answer.status_code, made["externalId"], members(made)) == (201, "g-1", sorted([ada, bob]))
    assert made["members"][0].keys() == {"value", "$ref", "type"}
    native = client.get(f"/v1/groups/{made['id']}/members", headers=anything).get_json()["data"]
    assert sorted(member["user_id"] for member in native) == sorted([ada, bob])
    assert directory.get(f"/Users/{ada}").get_json()["groups"][0]["value"] == made["id"]


def test_group_changes_are_recorded_one_by_one_and_nothing_twice(directory: Directory, logged: Logged) -> None:
    ada, bob, eve = (directory.add_user(name)["id"] for name in ("ada", "bob", "eve"))
    group = directory.add_group("Engines", ada, bob)
    before = len(logged())
    body = {"schemas": [GROUP], "displayName": "Motors", "members": [{"value": bob}, {"value": eve}, {"value": eve}]}
    for _ in range(2):
        assert members(directory.send("PUT", f"/Groups/{group['id']}", body).get_json()) == sorted([bob, eve])
    done = [(event["action"], event["targets"][-1]["id"]) for event in logged()[before:]]
    assert done == [("group.updated", group["id"]), ("group.member.added", eve), ("group.member.removed", ada)]


@pytest.mark.storage
def test_member_who_does_not_exist_is_refused_and_changes_nothing(directory: Directory, logged: Logged) -> None:
    ada, gone = directory.add_user("ada")["id"], directory.add_user("gone")["id"]
    group = directory.add_group("Engines", ada)
    directory.send("DELETE", f"/Users/{gone}")
    before = (directory.get(f"/Groups/{group['id']}").get_json(), len(logged()))
    for wrong in ({"value": "usr_nobody"}, {"value": gone}, {"value": group["id"], "type": "Group"}, {"value": ""}, {}):
        renamed = {"op": "replace", "path": "displayName", "value": "Other"}
        answer = directory.patch(
            f"/Groups/{group['id']}", renamed, {"op": "replace", "path": "members", "value": [wrong, {"value": "x"}]}
        )
        assert refusal(answer) == (400, "invalidValue")
    assert (directory.get(f"/Groups/{group['id']}").get_json(), len(logged())) == before


def test_group_stays_within_the_tenant(
    directory: Directory, client: FlaskClient, token: Callable[..., dict[str, str]]
) -> None:
    """Another tenant's group is 404, its people cannot be members here, and its names are free here."""
    other = Directory(client, token("scim", tenant="other"), prefix="/t/other")
    spy = other.add_user("spy")["id"]
    foreign, mine = other.add_group("Engines", spy), directory.add_group("Engines")
    path = f"/Groups/{foreign['id']}"
    answers = [
        directory.get(path),
        directory.patch(path, {"op": "remove", "path": "members"}),
        directory.send("PUT", path, {"schemas": [GROUP], "displayName": "x"}),
        directory.send("DELETE", path),
    ]
    assert [refusal(answer) for answer in answers] == [(404, None)] * 4
    joining = {"op": "add", "path": "members", "value": [{"value": spy}]}
    assert refusal(directory.patch(f"/Groups/{mine['id']}", joining)) == (400, "invalidValue")
    assert members(other.get(path).get_json()) == [spy]


def test_name_of_another_group_is_refused(directory: Directory) -> None:
    directory.add_group("Engines")
    group = directory.add_group("Motors")
    taken = [
        directory.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "Engines"}),
        directory.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "Engines"}),
    ]
    assert [refusal(answer) for answer in taken] == [(409, "uniqueness")] * 2


def test_deleted_group_is_gone_and_its_members_stay(directory: Directory, logged: Logged) -> None:
    ada = directory.add_user("ada")["id"]
    group = directory.add_group("Engines", ada)
    assert directory.send("DELETE", f"/Groups/{group['id']}").status_code == 204
    assert refusal(directory.get(f"/Groups/{group['id']}")) == (404, None)
    assert "groups" not in directory.get(f"/Users/{ada}").get_json()
    assert logged()[-1]["action"] == "group.deleted"


def test_people_are_found_by_their_groups_and_groups_by_their_members(directory: Directory) -> None:
    ada = directory.add_user("ada")["id"]
    directory.add_user("bob")
    group = directory.add_group("Engines", ada)
    directory.add_group("Motors")
    assert directory.found("/Groups", filter=f'members.value eq "{ada}"') == ["Engines"]
    assert directory.found("/Groups", filter=f'members[value eq "{ada}"]') == ["Engines"]
    assert directory.found("/Users", filter=f'groups.value eq "{group["id"]}"') == ["ada"]


def test_many_members_come_in_a_few_statements(
    directory: Directory, acme: Acme, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with acme():
        ids = [builders.a_user().id for _ in range(40)]
    group = directory.add_group("Crowd")
    with statements() as seen:
        values = [{"value": user_id} for user_id in ids]
        answer = directory.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": values})
    assert len(members(answer.get_json())) == 40
    assert len(seen) < 40
