"""The rules of projects: who finds which, who changes them, and how far a token's authorization details reach."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.scopes import API
from sandbox.foundation.problems import Conflict, NotFound
from sandbox.resources.projects import service
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.resources.people import ROLES, bound_to, somebody

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Token = Callable[..., Headers]
Read = Callable[[], list[dict[str, Any]]]
FILES = "files:read files:write"


def names(client: FlaskClient, headers: Headers, query: str = "") -> list[str]:
    return sorted(row["name"] for row in client.get(f"/v1/projects{query}", headers=headers).get_json()["data"])


@pytest.mark.parametrize(
    ("role", "is_external", "seen"),
    [
        ("member", False, ["Joined", "Mine", "Open"]),
        ("member", True, ["Joined", "Mine"]),
        ("security_auditor", False, ["Joined", "Mine", "Open", "Secret"]),
        ("administrator", False, ["Joined", "Mine", "Open", "Secret"]),
    ],
)
def test_people_find_what_is_theirs_or_open_and_auditors_find_all(
    client: FlaskClient, token: Token, acme: Enter, role: str, *, is_external: bool, seen: list[str]
) -> None:
    with acme():
        me = somebody(role, is_external=is_external)
        builders.a_project(me, name="Mine")
        builders.a_project_member(builders.a_project(name="Joined").id, me)
        builders.a_project(name="Open", visibility="organization")
        builders.a_project(name="Secret")
    assert names(client, token(FILES, user_id=me)) == seen


def test_project_that_one_must_not_know_is_not_found_and_the_log_tells(
    client: FlaskClient, token: Token, acme: Enter, logged: Read
) -> None:
    with acme():
        me, secret = somebody(), builders.a_project().id
    assert client.get(f"/v1/projects/{secret}", headers=token(FILES, user_id=me)).status_code == 404
    event = logged()[-1]
    assert (event["action"], event["targets"][0]["id"], event["actor"]["id"]) == ("access.denied", secret, me)


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("security_auditor", 403), ("administrator", 204)])
def test_only_owner_and_administrators_say_who_is_in_it(
    client: FlaskClient, token: Token, acme: Enter, role: str, status: int
) -> None:
    with acme():
        me, other, project = somebody(role), somebody(), builders.a_project().id
        builders.a_project_member(project, me)
    path = f"/v1/projects/{project}/members"
    assert client.post(path, json={"user_id": other}, headers=token(FILES, user_id=me)).status_code == status


def test_role_that_was_taken_away_counts_on_the_next_request(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me, role = builders.a_user().id, builders.a_role(scope=" ".join(API))
        builders.an_assignment(me, builders.a_role(scope=" ".join(ROLES["member"])).key)
        builders.an_assignment(me, role.key)
        builders.a_project(name="Secret")
    headers = token(FILES, user_id=me)
    assert names(client, headers) == ["Secret"]
    revoked = client.delete(f"/v1/roles/{role.id}/members/{me}", headers=token("roles:write"))
    assert (revoked.status_code, names(client, headers)) == (204, [])


def test_guest_adds_no_project(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me = somebody(is_external=True)
    answer = client.post("/v1/projects", json={"name": "Ours"}, headers=token(FILES, user_id=me))
    assert answer.status_code == 403


def test_new_project_belongs_to_who_made_it(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me, other = somebody(), somebody()
    headers = token(FILES, user_id=me)
    made = client.post("/v1/projects", json={"name": "Ours"}, headers=headers).get_json()
    assert (made["owner_id"], made["member_count"], made["visibility"]) == (me, 1, "private")
    denied = client.post("/v1/projects", json={"name": "Theirs", "owner_id": other}, headers=headers)
    assert denied.status_code == 403


def test_change_of_an_older_version_is_refused(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    """RFC 9110 §13.1.1, RFC 6585 §3."""
    with acme():
        path = f"/v1/projects/{builders.a_project().id}"
    etag = client.get(path, headers=anything).headers["ETag"]
    change = {"name": "Kelp"}
    assert client.patch(path, json=change, headers=anything).status_code == 428
    assert client.patch(path, json=change, headers={**anything, "If-Match": etag}).status_code == 200
    assert client.patch(path, json={"name": "Rowan"}, headers={**anything, "If-Match": etag}).status_code == 412


def test_repeated_request_adds_one_project(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me = somebody()
    headers = {**token(FILES, user_id=me), "Idempotency-Key": "once"}
    first, again = (client.post("/v1/projects", json={"name": "Ours"}, headers=headers) for _ in range(2))
    assert (first.data, again.headers["Idempotency-Replayed"]) == (again.data, "true")
    assert names(client, headers) == ["Ours"]


@pytest.mark.storage
def test_people_come_and_go_once_and_the_owner_stays(in_acme: None) -> None:
    owner, other = builders.a_user().id, builders.a_user().id
    project = builders.a_project(owner).id
    for _ in range(2):
        service.add_member(project, user_id=other)
    assert service.present([service.find(project)])[0].member_count == 2
    service.remove_member(project, user_id=other)
    with pytest.raises(NotFound):
        service.remove_member(project, user_id=other)
    with pytest.raises(Conflict):
        service.remove_member(project, user_id=owner)


@pytest.mark.storage
def test_deleted_person_is_in_no_project(in_acme: None) -> None:
    project, leaver = builders.a_project().id, builders.a_user().id
    builders.a_project_member(project, leaver)
    builders.an_administrator()
    users.delete(leaver)
    assert service.present([service.find(project)])[0].member_count == 1


def test_token_of_one_project_reaches_no_other(client: FlaskClient, token: Token, acme: Enter) -> None:
    """RFC 9396 §2: details bound what the scope would allow."""
    with acme():
        one, other = builders.a_project(name="One").id, builders.a_project(name="Other").id
    headers = token(FILES, terms=bound_to(["read"], identifier=one))
    assert names(client, headers) == ["One"]
    assert [client.get(f"/v1/projects/{each}", headers=headers).status_code for each in (one, other)] == [200, 404]


@pytest.mark.parametrize(
    ("terms", "statuses"),
    [
        (bound_to(["read"]), (200, 403)),
        (bound_to(["write"], datatypes=["members"]), (403, 204)),
        (bound_to(["read", "write"], datatypes=["files"]), (403, 403)),
    ],
    ids=["reading", "changing members", "files"],
)
def test_details_say_what_may_be_done_with_members(
    client: FlaskClient, token: Token, acme: Enter, terms: dict[str, Any], statuses: tuple[int, int]
) -> None:
    with acme():
        path, user_id = f"/v1/projects/{builders.a_project().id}/members", builders.a_user().id
    headers = token(FILES, terms=terms)
    answers = client.get(path, headers=headers), client.post(path, json={"user_id": user_id}, headers=headers)
    assert tuple(answer.status_code for answer in answers) == statuses


def test_token_that_is_bound_to_projects_neither_adds_nor_changes_one(
    client: FlaskClient, token: Token, acme: Enter
) -> None:
    with acme():
        owner = builders.a_user().id
        path = f"/v1/projects/{builders.a_project(owner).id}"
    headers = token(FILES, terms=bound_to(["read", "write", "delete"]))
    etag = {"If-Match": client.get(path, headers=headers).headers["ETag"]}
    made = client.post("/v1/projects", json={"name": "New", "owner_id": owner}, headers=headers)
    changed = client.patch(path, json={"name": "New"}, headers={**headers, **etag})
    assert (made.status_code, changed.status_code) == (403, 403)
