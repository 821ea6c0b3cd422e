"""People through SCIM: provisioned, changed, deprovisioned at once, and the same people as everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.resources.sessions import service as sessions
from tests import builders
from tests.sandbox.scim.directory import ENTERPRISE, USER, Directory, a_person, refusal

Acme = Callable[[], AbstractContextManager[Any]]
Token = Callable[..., dict[str, str]]
Logged = Callable[[], list[dict[str, Any]]]

GRACE = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "hr-7",
    "userName": "Grace@acme.example",
    "displayName": "Grace Hopper",
    "name": {"givenName": "Grace", "familyName": "Hopper", "honorificPrefix": "Rear Admiral"},
    "emails": [
        {"value": "grace@home.example", "type": "home"},
        {"value": "Grace.Hopper@acme.example", "type": "work", "primary": True},
    ],
    "phoneNumbers": [{"value": "+1 555 0100", "type": "work"}],
    "title": "Engineer",
    "timezone": "America/New_York",
    "preferredLanguage": "en",
    "active": True,
    ENTERPRISE: {"employeeNumber": "7", "department": "Compilers"},
}


@pytest.mark.storage
def test_provisioned_person_is_shown_as_sent_and_is_a_person_of_the_native_api(
    directory: Directory, client: FlaskClient, anything: dict[str, str]
) -> None:
    """RFC 7644 §3.3."""
    answer = directory.send("POST", "/Users", GRACE)
    made = answer.get_json()
    assert answer.status_code == 201
    assert {name: made[name] for name in GRACE} == GRACE
    assert answer.headers["Location"] == made["meta"]["location"] == f"http://localhost/scim/v2/Users/{made['id']}"
    assert answer.headers["ETag"] == made["meta"]["version"]
    native = client.get(f"/v1/users/{made['id']}", headers=anything).get_json()
    assert {
        name: native[name] for name in ("email", "name", "given_name", "title", "department", "status", "roles")
    } == {
        "email": "grace.hopper@acme.example",
        "name": "Grace Hopper",
        "given_name": "Grace",
        "title": "Engineer",
        "department": "Compilers",
        "status": "active",
        "roles": ["member"],
    }


def test_person_of_the_native_api_is_shown_with_what_harbor_knows(directory: Directory, acme: Acme) -> None:
    with acme():
        boss = builders.a_user()
        ada = builders.a_user(
            email="ada@acme.example", name="Ada Lovelace", family_name="Lovelace", manager_id=boss.id, title="Analyst"
        )
        team = builders.a_group(name="Engines")
        builders.a_membership(team.id, ada.id)
        builders.an_assignment(ada.id, "member")
    shown = directory.get(f"/Users/{ada.id}").get_json()
    base = "http://localhost/scim/v2"
    assert {name: value for name, value in shown.items() if name not in {"meta", "id"}} == {
        "schemas": [USER, ENTERPRISE],
        "userName": "ada@acme.example",
        "name": {"familyName": "Lovelace"},
        "displayName": "Ada Lovelace",
        "title": "Analyst",
        "active": True,
        "emails": [{"value": "ada@acme.example", "type": "work", "primary": True}],
        "groups": [{"value": team.id, "$ref": f"{base}/Groups/{team.id}", "display": "Engines", "type": "direct"}],
        "roles": [{"value": "member"}],
        ENTERPRISE: {"manager": {"value": boss.id, "$ref": f"{base}/Users/{boss.id}"}},
    }


def test_what_changes_in_harbor_shows_over_what_the_directory_said(
    directory: Directory, client: FlaskClient, anything: dict[str, str]
) -> None:
    made = directory.send("POST", "/Users", GRACE).get_json()
    change = {"email": "gh@acme.example", "name": "Amazing Grace", "title": None}
    client.patch(f"/v1/users/{made['id']}", headers=anything, json=change)
    shown = directory.get(f"/Users/{made['id']}").get_json()
    assert (shown["displayName"], shown.get("title")) == ("Amazing Grace", None)
    assert [one["value"] for one in shown["emails"]] == ["grace@home.example", "gh@acme.example"]
    assert (shown["userName"], shown["phoneNumbers"]) == ("Grace@acme.example", GRACE["phoneNumbers"])


def test_user_name_follows_the_address_while_nobody_gave_another(
    directory: Directory, client: FlaskClient, anything: dict[str, str], acme: Acme
) -> None:
    with acme():
        user_id = builders.a_user(email="old@acme.example").id
    client.patch(f"/v1/users/{user_id}", headers=anything, json={"email": "New@acme.example"})
    assert directory.found(filter='userName eq "new@acme.example"') == ["new@acme.example"]


@pytest.mark.storage
def test_user_name_and_address_belong_to_one_living_person(directory: Directory) -> None:
    """RFC 7644 §3.12: uniqueness, whatever the capitalization; a name is free again when its person is deleted."""
    first = directory.add_user("ada")
    other = a_person("bob")
    taken = [
        directory.send("POST", "/Users", {**other, "userName": "ADA"}),
        directory.send("POST", "/Users", {**other, "emails": [{"value": "Ada@Acme.example"}]}),
    ]
    bob = directory.add_user("bob")
    taken.append(directory.patch(f"/Users/{bob['id']}", {"op": "replace", "path": "userName", "value": "aDa"}))
    assert [refusal(answer) for answer in taken] == [(409, "uniqueness")] * 3
    directory.send("DELETE", f"/Users/{first['id']}")
    assert directory.add_user("ADA")["userName"] == "ADA"


def test_change_is_recorded_attribute_by_attribute_and_nothing_twice(directory: Directory, logged: Logged) -> None:
    made = directory.send("POST", "/Users", GRACE).get_json()
    before = len(logged())
    for _ in range(2):
        directory.patch(
            f"/Users/{made['id']}",
            {"op": "replace", "path": "title", "value": "Admiral"},
            {"op": "add", "path": "nickName", "value": "Amazing"},
            {"op": "replace", "path": 'phoneNumbers[type eq "work"].value', "value": "+1 555 0199"},
        )
    (event,) = logged()[before:]
    assert (event["action"], event["actor"]["id"], event["targets"][0]["id"]) == ("user.updated", "demo", made["id"])
    assert {change["field"]: (change["old"], change["new"]) for change in event["changes"]} == {
        "title": ("Engineer", "Admiral"),
        "directory.nickName": (None, "Amazing"),
        "directory.phoneNumbers": (GRACE["phoneNumbers"], [{"value": "+1 555 0199", "type": "work"}]),
    }


def test_put_replaces_all_but_what_clients_cannot_write(directory: Directory) -> None:
    """RFC 7644 §3.5.1: what is read-only is ignored, what is not named goes, and `active` stays as it was."""
    made = directory.send("POST", "/Users", GRACE).get_json()
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    body = {**a_person("grace"), "id": "usr_other", "meta": {"version": "x"}, "roles": [{"value": "administrator"}]}
    answer = directory.send("PUT", f"/Users/{made['id']}", body)
    shown = answer.get_json()
    assert (answer.status_code, shown["id"], shown["active"], shown["roles"]) == (
        200,
        made["id"],
        False,
        [{"value": "member"}],
    )
    assert {"title", "phoneNumbers", "externalId", "displayName", ENTERPRISE}.isdisjoint(shown)
    nothing = {"title": None, "phoneNumbers": [], "name": None, ENTERPRISE: None}
    assert directory.send("PUT", f"/Users/{made['id']}", {**a_person("grace"), **nothing}).get_json() == shown


@pytest.mark.parametrize("how", ["patch", "put", "delete", "bulk"])
@pytest.mark.storage
def test_deprovisioning_ends_sessions_and_tokens_at_once(
    app: Flask, directory: Directory, client: FlaskClient, token: Token, acme: Acme, logged: Logged, how: str
) -> None:
    """The next request with the person's token fails, and the log tells what ended."""
    person = directory.add_user("eve")
    path = f"/Users/{person['id']}"
    with acme():
        builders.a_role(key="member")
        session_id = builders.a_session(person["id"]).id
    theirs = token("users:read", user_id=person["id"])
    assert client.get("/v1/users", headers=theirs).status_code == 200
    steps: dict[str, Callable[[], Any]] = {
        "patch": lambda: directory.patch(path, {"op": "replace", "path": "active", "value": False}),
        "put": lambda: directory.send("PUT", path, {**a_person("eve"), "active": False}),
        "delete": lambda: directory.send("DELETE", path),
        "bulk": lambda: directory.bulk({"method": "DELETE", "path": path}),
    }
    assert steps[how]().status_code in {200, 204}
    assert client.get("/v1/users", headers=theirs).status_code == 401
    with acme():
        assert sessions.find(session_id).status == "revoked"
    done = {event["action"] for event in logged()[-4:]}
    ended = "user.suspended" if how in {"patch", "put"} else "user.deleted"
    assert {ended, "session.revoked", "oauth.token.revoked"} <= done


def test_person_comes_back_when_active_again(directory: Directory, logged: Logged) -> None:
    person = directory.add_user("eve")
    for active in (False, False, True, True):
        answer = directory.patch(f"/Users/{person['id']}", {"op": "replace", "value": {"active": active}})
        assert answer.get_json()["active"] is active
    assert [event["action"] for event in logged()] == ["user.created", "user.suspended", "user.reactivated"]


def test_person_who_is_invited_is_inactive_until_activated(directory: Directory, acme: Acme, logged: Logged) -> None:
    invited = directory.add_user("kim", active=False)
    assert invited["active"] is False
    directory.patch(f"/Users/{invited['id']}", {"op": "add", "path": "active", "value": True})
    event = logged()[-1]
    assert (event["action"], event["changes"]) == (
        "user.updated",
        [{"field": "status", "old": "staged", "new": "active"}],
    )


def test_last_administrator_can_neither_be_suspended_nor_deleted(directory: Directory, acme: Acme) -> None:
    with acme():
        admin_id = builders.an_administrator().id
    answers = [
        directory.patch(
            f"/Users/{admin_id}",
            {"op": "replace", "path": "title", "value": "Gone"},
            {"op": "replace", "path": "active", "value": False},
        ),
        directory.send("DELETE", f"/Users/{admin_id}"),
    ]
    assert [refusal(answer) for answer in answers] == [(409, None)] * 2
    shown = directory.get(f"/Users/{admin_id}").get_json()
    assert (shown["active"], shown.get("title")) == (True, None)


def test_deleted_person_is_not_found_any_more(
    directory: Directory, client: FlaskClient, anything: dict[str, str]
) -> None:
    """RFC 7644 §3.6: 404 for every method, and in no list; the tombstone is the native API's."""
    person = directory.add_user("tom")
    path = f"/Users/{person['id']}"
    assert directory.send("DELETE", path).status_code == 204
    answers = [
        directory.get(path),
        directory.send("DELETE", path),
        directory.send("PUT", path, a_person("tom")),
        directory.patch(path, {"op": "add", "path": "title", "value": "x"}),
    ]
    assert [refusal(answer) for answer in answers] == [(404, None)] * 4
    assert directory.found() == []
    assert client.get(f"/v1/users/{person['id']}", headers=anything).get_json()["status"] == "deleted"


def test_manager_is_a_person_who_exists(directory: Directory) -> None:
    boss, ada = directory.add_user("boss"), directory.add_user("ada")
    path = f"{ENTERPRISE}:manager"

    def name(value: Any) -> Any:
        return directory.patch(f"/Users/{ada['id']}", {"op": "replace", "path": path, "value": value})

    shown = name({"value": boss["id"]}).get_json()[ENTERPRISE]["manager"]
    assert shown == {"value": boss["id"], "$ref": boss["meta"]["location"]}
    answers = [name({"value": "usr_nobody"}), name({"$ref": "http://elsewhere.example/x"}), name({"value": 5})]
    assert [refusal(answer) for answer in answers] == [(400, "invalidValue")] * 3
    directory.send("DELETE", f"/Users/{boss['id']}")
    renamed = directory.patch(f"/Users/{ada['id']}", {"op": "replace", "path": "title", "value": "Engineer"})
    assert renamed.status_code == 200, "a manager who left does not stand in the way of other changes"


def test_address_is_the_user_name_where_no_other_is_given(directory: Directory) -> None:
    made = directory.send("POST", "/Users", {"schemas": [USER], "userName": "Ada@acme.example"}).get_json()
    assert made["emails"] == [{"value": "ada@acme.example", "type": "work", "primary": True}]
    assert refusal(directory.send("POST", "/Users", {"schemas": [USER], "userName": "ada"})) == (400, "invalidValue")


def test_person_stays_within_the_tenant(directory: Directory, client: FlaskClient, token: Token) -> None:
    """Another tenant's ids are 404, in paths and in bodies, and its people are in no list."""
    other = Directory(client, token("scim", tenant="other"), prefix="/t/other")
    foreign = other.add_user("spy")
    mine = directory.add_user("ada")
    assert foreign["meta"]["location"].startswith("http://localhost/t/other/scim/v2/Users/usr_")
    path = f"/Users/{foreign['id']}"
    answers = [
        directory.get(path),
        directory.patch(path, {"op": "replace", "path": "active", "value": False}),
        directory.send("PUT", path, a_person("spy")),
        directory.send("DELETE", path),
    ]
    assert [refusal(answer) for answer in answers] == [(404, None)] * 4
    manager = {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": foreign["id"]}}
    assert refusal(directory.patch(f"/Users/{mine['id']}", manager)) == (400, "invalidValue")
    assert (directory.found(), other.found()) == (["ada"], ["spy"])
    assert other.get(path).get_json()["active"] is True


def test_person_may_read_themselves_as_me(directory: Directory, client: FlaskClient, token: Token, acme: Acme) -> None:
    """RFC 7644 §3.11: for a token that speaks for a person; one of a client has no person."""
    with acme():
        admin = builders.an_administrator(name="Root")
    me = Directory(client, token("scim", user_id=admin.id))
    shown = me.get("/Me")
    assert (shown.get_json()["id"], shown.headers["Content-Location"]) == (
        admin.id,
        shown.get_json()["meta"]["location"],
    )
    assert me.patch("/Me", {"op": "add", "path": "nickName", "value": "root"}).get_json()["nickName"] == "root"
    assert refusal(directory.get("/Me")) == (404, None)
    assert refusal(me.send("POST", "/Me", a_person("x"))) == (501, None)
    assert refusal(me.send("DELETE", "/Me")) == (409, None)


def test_changes_at_the_same_business_instant_have_versions_of_their_own(
    directory: Directory, travel: Callable[[timedelta], None]
) -> None:
    made = directory.add_user("ada")
    versions = [made["meta"]["version"]]
    for title in ("one", "two"):
        answer = directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": title})
        versions.append(answer.headers["ETag"])
    assert len(set(versions)) == 3
