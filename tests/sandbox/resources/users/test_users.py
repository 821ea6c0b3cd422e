"""The rules of people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.clock import now, to_wire
from sandbox.foundation.problems import Conflict
from sandbox.resources.users import service
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.fixture
def company(acme: Enter) -> dict[str, str]:
    """Five people who differ in everything that can be asked for; gives their ids by name."""
    with acme():
        ada = builders.a_user(name="ada", email="ada@acme.example", updated_at=now() + timedelta(hours=1))
        bob = builders.a_user(name="bob", is_external=True)
        eve = builders.a_user(name="eve", status="suspended")
        kim = builders.a_user(name="kim", status="staged")
        tom = builders.a_user(name="tom", status="deleted")
        builders.an_assignment(bob.id, "member")
        builders.an_assignment(eve.id, "member")
        builders.a_membership("grp_one", ada.id)
        return {user.name: user.id for user in (ada, bob, eve, kim, tom)}


def test_list_gives_those_who_match(client: FlaskClient, anything: Headers, company: dict[str, str]) -> None:
    expected = {
        "": ["ada", "bob", "eve", "kim"],
        "include=deleted": ["ada", "bob", "eve", "kim", "tom"],
        "status=deleted": ["tom"],
        "status=active": ["ada", "bob"],
        "status=staged": ["kim"],
        "role=member": ["bob", "eve"],
        "role=member&status=active": ["bob"],
        "role=nothing": [],
        "group_id=grp_one": ["ada"],
        "email=ADA@acme.example": ["ada"],
        "is_external=true": ["bob"],
        "is_external=false": ["ada", "eve", "kim"],
    }
    rows = {query: client.get(f"/v1/users?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: sorted(row["name"] for row in found) for query, found in rows.items()} == expected


def test_list_gives_those_who_changed_since(
    client: FlaskClient, anything: Headers, company: dict[str, str], acme: Enter
) -> None:
    """`updated_since` is inclusive, so that a reader can continue from the newest moment that it has seen."""
    with acme():
        changed_at = to_wire(service.find(company["ada"]).updated_at)
    rows = client.get("/v1/users", headers=anything, query_string={"updated_since": changed_at}).get_json()["data"]
    assert [row["name"] for row in rows] == ["ada"]


def test_list_refuses_a_moment_without_an_offset(client: FlaskClient, anything: Headers) -> None:
    moments = ["2026-09-01", "2026-09-01T00:00:00", "yesterday", "1756684800", "0001-01-01T00:00:00%2B14:00"]
    answers = [client.get(f"/v1/users?updated_since={moment}", headers=anything) for moment in moments]
    assert {(answer.status_code, answer.get_json()["errors"][0]["pointer"]) for answer in answers} == {
        (400, "?updated_since")
    }


def test_everybody_shows_their_own_roles_and_factors(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        ada, bob, eve = (builders.a_user(name=name).id for name in ("ada", "bob", "eve"))
        for user_id, role in ((ada, "member"), (ada, "help_desk"), (bob, "member")):
            builders.an_assignment(user_id, role)
        for user_id, kind in ((ada, "totp"), (ada, "webauthn"), (ada, "webauthn"), (eve, "sms")):
            builders.a_factor(user_id, type=kind)
    rows = client.get("/v1/users", headers=anything).get_json()["data"]
    assert {row["name"]: (row["roles"], row["mfa_methods"], row["mfa_enrolled"]) for row in rows} == {
        "ada": (["help_desk", "member"], ["totp", "webauthn"], True),
        "bob": (["member"], [], False),
        "eve": ([], ["sms"], True),
    }


@pytest.mark.control("IAM-SaaS-08", call="GET /v1/users/{user_id}/factors")
def test_factors_are_listed_for_their_person_only(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        mine, other = builders.a_user().id, builders.a_user().id
        factor_id = builders.a_factor(mine, type="totp").id
        builders.a_factor(other)
    rows = client.get(f"/v1/users/{mine}/factors", headers=anything).get_json()["data"]
    assert [(row["id"], row["type"]) for row in rows] == [(factor_id, "totp")]
    assert client.get("/v1/users/usr_none/factors", headers=anything).status_code == 404


def test_person_is_a_member_from_the_start(client: FlaskClient, anything: Headers) -> None:
    created = client.post("/v1/users", headers=anything, json={"email": "New@Acme.example", "name": "New"}).get_json()
    assert (created["roles"], created["status"], created["email"]) == (["member"], "active", "new@acme.example")
    assert client.get(f"/v1/users/{created['id']}", headers=anything).get_json() == created


def test_address_belongs_to_one_living_person_however_it_is_written(client: FlaskClient, anything: Headers) -> None:
    def add(email: str) -> Any:
        return client.post("/v1/users", headers=anything, json={"email": email, "name": "Ada"})

    first = add("ada@acme.example").get_json()
    refused = add("ADA@ACME.example")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (409, "/email")
    client.delete(f"/v1/users/{first['id']}", headers=anything)
    assert add("Ada@acme.example").status_code == 201


@pytest.mark.storage
def test_taken_address_is_refused_on_change_and_changes_nothing(in_acme: None) -> None:
    ada, bob = service.create(email="ada@acme.example", name="Ada").id, service.create(email="b@x.example", name="B").id
    with pytest.raises(Conflict):
        service.update(bob, email="ADA@acme.example", title="Intruder")
    assert (service.find(bob).email, service.find(bob).title) == ("b@x.example", None)
    assert service.find_by_email("Ada@Acme.Example").id == ada  # type: ignore[union-attr]


def test_update_records_old_and_new_values_and_when(
    client: FlaskClient,
    anything: Headers,
    acme: Enter,
    travel: Callable[[timedelta], None],
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    with acme():
        user_id = builders.a_user(title="Intern", country="DE").id
    travel(timedelta(hours=1))
    answer = client.patch(f"/v1/users/{user_id}", headers=anything, json={"title": "Engineer", "country": "DE"})
    assert answer.get_json()["updated_at"] >= "2026-09-01T01:00:00.000Z"
    assert (answer.status_code, answer.get_json()["title"]) == (200, "Engineer")
    assert logged()[-1]["changes"] == [{"field": "title", "old": "Intern", "new": "Engineer"}]


def test_update_that_changes_nothing_leaves_no_trace(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with acme():
        user_id = builders.a_user(title="Engineer").id
    before, events = client.get(f"/v1/users/{user_id}", headers=anything), len(logged())
    for body in ({"title": "Engineer"}, {}):
        assert client.patch(f"/v1/users/{user_id}", headers=anything, json=body).data == before.data
    assert len(logged()) == events


def test_deleted_person_remains_as_a_tombstone_that_cannot_be_changed(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with acme():
        user_id = builders.a_user(password_hash="scrypt:x").id
        builders.a_factor(user_id)
        builders.an_assignment(user_id, "member")
        builders.a_membership(builders.a_group().id, user_id)
    assert client.delete(f"/v1/users/{user_id}", headers=anything).status_code == 204
    shown = client.get(f"/v1/users/{user_id}", headers=anything).get_json()
    events = len(logged())
    assert (shown["status"], shown["roles"], shown["mfa_methods"]) == ("deleted", [], [])
    assert client.get(f"/v1/users/{user_id}/groups", headers=anything).get_json()["data"] == []
    assert client.patch(f"/v1/users/{user_id}", headers=anything, json={"name": "Again"}).status_code == 409
    assert client.delete(f"/v1/users/{user_id}", headers=anything).status_code == 204
    assert len(logged()) == events


def test_deletion_ends_sessions_grants_and_tokens_at_once(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.an_administrator().id
        builders.an_administrator()
        session_id = builders.a_session(user_id).id
        grant_id = builders.a_grant(user_id, builders.an_app().id).id
        bearer = builders.an_access_token("users:read", user_id=user_id)
    theirs = {"Authorization": f"Bearer {bearer}"}
    assert client.get("/v1/users", headers=theirs).status_code == 200
    client.delete(f"/v1/users/{user_id}", headers=anything)
    assert client.get("/v1/users", headers=theirs).status_code == 401
    states = [
        client.get(path, headers=anything).get_json()["status"]
        for path in (f"/v1/sessions/{session_id}", f"/v1/grants/{grant_id}")
    ]
    assert states == ["revoked", "revoked"]


@pytest.mark.storage
@pytest.mark.parametrize("leave", [service.suspend, service.delete])
def test_last_active_administrator_cannot_leave(in_acme: None, leave: Callable[[str], Any]) -> None:
    """Nobody could give the role back."""
    last = builders.an_administrator().id
    builders.an_assignment(builders.a_user(status="suspended").id, "administrator")
    with pytest.raises(Conflict):
        leave(last)
    assert service.find(last).status == "active"
    builders.an_administrator()
    leave(last)
    assert service.find(last).status != "active"


def test_suspension_and_reactivation_say_whether_they_changed_anything(in_acme: None) -> None:
    user_id = builders.a_user().id
    assert [service.suspend(user_id), service.suspend(user_id)] == [True, False]
    assert service.find(user_id).suspended_at is not None
    assert [service.reactivate(user_id), service.reactivate(user_id)] == [True, False]
    assert service.find(user_id).suspended_at is None


def test_activation_is_for_the_invited(in_acme: None) -> None:
    invited, suspended = builders.a_user(status="staged").id, builders.a_user(status="suspended").id
    assert [service.activate(user_id) for user_id in (invited, invited, suspended)] == [True, False, False]
    assert [service.find(user_id).status for user_id in (invited, suspended)] == ["active", "suspended"]


def test_list_does_not_read_what_a_directory_says(
    client: FlaskClient,
    anything: Headers,
    acme: Enter,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    """What only SCIM shows costs the native API nothing."""
    with acme():
        builders.a_user(external_id="hr-7", directory={"nickName": "Ada"})
    with statements() as seen:
        client.get("/v1/users", headers=anything)
        client.get("/v1/groups", headers=anything)
    assert not [sql for sql in seen if "external_id" in sql or "directory" in sql or "user_name" in sql]


@pytest.mark.parametrize("status", ["staged", "deleted"])
def test_reactivation_is_for_the_suspended(in_acme: None, status: str) -> None:
    user_id = builders.a_user(status=status).id
    with pytest.raises(Conflict):
        service.reactivate(user_id)


@pytest.mark.control("IAM-SaaS-01", call="GET /v1/users/{user_id}")
def test_sign_in_is_no_change_of_the_profile(in_acme: None) -> None:
    user = builders.a_user()
    updated_at = user.updated_at
    service.mark_login(user)
    assert user.last_login_at == user.last_active_at is not None
    assert user.updated_at == updated_at


def test_request_sent_again_with_its_key_adds_one_person(client: FlaskClient, anything: Headers) -> None:
    again = {**anything, "Idempotency-Key": "one"}
    body = {"email": "ada@acme.example", "name": "Ada"}
    answers = [client.post("/v1/users", headers=again, json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
