"""The rules of files: who finds which, who changes them, what a token reaches, and the trash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.clock import now
from sandbox.foundation.problems import Conflict
from sandbox.resources.files import service
from tests import builders
from tests.sandbox.resources.people import bound_to, somebody

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Token = Callable[..., Headers]
Read = Callable[[], list[dict[str, Any]]]
FILES = "files:read files:write"


def names(client: FlaskClient, headers: Headers, query: str = "") -> list[str]:
    return sorted(row["name"] for row in client.get(f"/v1/files{query}", headers=headers).get_json()["data"])


@pytest.fixture
def shelf(acme: Enter) -> Callable[..., str]:
    """Somebody, and a file for each reason to find it or not."""

    def fill(role: str, **given: Any) -> str:
        with acme():
            me = somebody(role, email="me@acme.example", **given)
            builders.a_file(me, name="mine")
            joined, visible, closed = (
                builders.a_project(visibility=how) for how in ("private", "organization", "private")
            )
            builders.a_project_member(joined.id, me)
            for name, project in (("joined", joined), ("open", visible), ("closed", closed)):
                builders.a_file(name=name, project_id=project.id)
            for name, share in (
                ("given", {"scope": "people", "recipient": "me@acme.example"}),
                ("given once", {"scope": "people", "recipient": "me@acme.example", "expires_at": now()}),
                ("given to another", {"scope": "people", "recipient": "other@acme.example"}),
                ("for all", {"scope": "organization"}),
            ):
                builders.a_share(builders.a_file(name=name).id, **share)
            builders.a_file(name="theirs")
        return me

    return fill


@pytest.mark.parametrize(
    ("role", "is_external", "seen"),
    [
        ("member", False, {"mine", "joined", "open", "given", "for all"}),
        ("member", True, {"mine", "joined", "given"}),
    ],
)
def test_people_find_their_own_their_projects_and_what_is_shared_with_them(
    client: FlaskClient, token: Token, shelf: Any, role: str, *, is_external: bool, seen: set[str]
) -> None:
    headers = token(FILES, user_id=shelf(role, is_external=is_external))
    rows = client.get("/v1/files", headers=headers).get_json()["data"]
    assert {row["name"] for row in rows} == seen
    assert {client.get(f"/v1/files/{row['id']}", headers=headers).status_code for row in rows} == {200}


@pytest.mark.parametrize("role", ["security_auditor", "administrator"])
def test_auditors_and_administrators_find_all(client: FlaskClient, token: Token, shelf: Any, role: str) -> None:
    assert len(names(client, token(FILES, user_id=shelf(role)))) == 9


def test_file_that_one_must_not_know_is_not_found_and_the_log_tells(
    client: FlaskClient, token: Token, acme: Enter, logged: Read
) -> None:
    with acme():
        me, secret = somebody(), builders.a_file(name="Salaries.xlsx").id
    headers = token(FILES, user_id=me)
    answers = [client.get(f"/v1/files/{secret}{rest}", headers=headers) for rest in ("", "/download", "/shares")]
    assert [answer.status_code for answer in answers] == [404] * 3
    event = logged()[-1]
    assert (event["action"], event["outcome"]["reason"]) == ("access.denied", "insufficient_permission")
    assert (event["targets"][0]["name"], event["actor"]["id"]) == ("Salaries.xlsx", me)


@pytest.mark.parametrize(
    ("role", "status"), [("member", 403), ("security_auditor", 403), ("administrator", 204)], ids=str
)
def test_who_only_finds_a_file_does_not_change_it(
    client: FlaskClient, token: Token, acme: Enter, role: str, status: int
) -> None:
    with acme():
        me, file = somebody(role), builders.a_file(project_id=builders.a_project(visibility="organization").id).id
    answer = client.delete(f"/v1/files/{file}", headers=token(FILES, user_id=me))
    assert answer.status_code == status


def test_member_of_its_project_changes_a_file(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me, project = somebody(), builders.a_project()
        builders.a_project_member(project.id, me)
        file = builders.a_file(project_id=project.id).id
    assert client.delete(f"/v1/files/{file}", headers=token(FILES, user_id=me)).status_code == 204


def test_only_members_add_to_a_project(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me, closed, visible = somebody(), builders.a_project().id, builders.a_project(visibility="organization").id
        joined = builders.a_project().id
        builders.a_project_member(joined, me)
    headers = token(FILES, user_id=me)
    bodies = [{"name": "New.md", "project_id": project} for project in (closed, visible, joined)]
    assert [client.post("/v1/files", json=body, headers=headers).status_code for body in bodies] == [400, 403, 201]


def test_list_gives_files_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        project = builders.a_project().id
        a = builders.a_file(name="a", project_id=project, folder="/Plans", type="text/csv", labels=["x", "y"])
        b = builders.a_file(name="b", labels=["xy"])
        builders.a_file(name="trashed", deleted_at=now())
        builders.a_share(a.id, scope="anyone", reach="public", expires_at=now() + timedelta(days=1))
        builders.a_share(a.id, scope="people", recipient="x@y.example", reach="external")
        builders.a_share(b.id, scope="people", recipient="x@y.example", reach="external")
        builders.a_share(b.id, scope="anyone", reach="public", expires_at=now())
    expected = {
        "": ["a", "b"],
        "?include=trashed": ["a", "b", "trashed"],
        "?status=trashed": ["trashed"],
        f"?project_id={project}": ["a"],
        "?folder=/Plans": ["a"],
        "?type=text/csv": ["a"],
        "?label=x": ["a"],
        "?sharing=public": ["a"],
        "?sharing=external": ["b"],
        "?sharing=internal": [],
        "?sharing=private&include=trashed": ["trashed"],
        f"?owner_id={b.owner_id}": ["b"],
        "?name=b": ["b"],
        "?updated_since=2026-08-01T00:00:00Z": ["a", "b"],
        "?updated_since=2027-01-01T00:00:00Z": [],
    }
    assert {query: names(client, anything, query) for query in expected} == expected


def test_what_is_shown_of_sharing_agrees_with_the_filter(
    client: FlaskClient, anything: Headers, acme: Enter, travel: Callable[[timedelta], None]
) -> None:
    """A link that has expired is no link."""
    with acme():
        file = builders.a_file()
        builders.a_share(file.id, scope="anyone", reach="public", expires_at=now() + timedelta(days=7))
        builders.a_share(file.id)
    seen = []
    for _ in range(2):
        seen.append(client.get(f"/v1/files/{file.id}", headers=anything).get_json()["sharing"])
        assert names(client, anything, f"?sharing={seen[-1]}") == [file.name]
        travel(timedelta(days=8))
    assert seen == ["public", "internal"]


def test_download_gives_the_content_under_the_name_of_the_file(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Read
) -> None:
    """RFC 6266 §4.3, RFC 8187: any name, and nothing of it interpreted."""
    with acme():
        file = builders.a_file(name='Plän "1".html', type="text/html").id
    answer = client.get(f"/v1/files/{file}/download", headers=anything)
    assert (answer.status_code, answer.content_type) == (200, "application/octet-stream")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Pl%C3%A4n%20%221%22.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert logged()[-1]["targets"] == [{"type": "file", "id": file, "name": 'Plän "1".html'}]


def test_rename_tells_both_names_and_labelling_is_no_rename(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Read
) -> None:
    with acme():
        path = f"/v1/files/{builders.a_file(name='Old.md').id}"
    for body in ({"name": "New.md"}, {"labels": ["b", "a", "b"]}):
        etag = client.get(path, headers=anything).headers["ETag"]
        client.patch(path, json=body, headers={**anything, "If-Match": etag})
    renamed, labelled = logged()[-2:]
    assert (renamed["action"], renamed["changes"]) == (
        "file.renamed",
        [{"field": "name", "old": "Old.md", "new": "New.md"}],
    )
    assert (labelled["action"], labelled["changes"][0]["new"]) == ("file.updated", ["a", "b"])


def test_change_of_an_older_version_is_refused(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    """RFC 9110 §13.1.1, RFC 6585 §3. Sharing is a change too."""
    with acme():
        path = f"/v1/files/{builders.a_file().id}"
    etag = client.get(path, headers=anything).headers["ETag"]
    assert client.patch(path, json={"name": "N"}, headers=anything).status_code == 428
    client.post(f"{path}/share", json={"scope": "organization"}, headers=anything)
    assert client.patch(path, json={"name": "N"}, headers={**anything, "If-Match": etag}).status_code == 412


@pytest.mark.storage
def test_trash_keeps_a_file_and_gives_it_back(in_acme: None) -> None:
    file = builders.a_file(name="Once.md").id
    for _ in range(2):
        service.delete(file)
    assert [one.name for one in builders.db.session.scalars(service.search(status="trashed"))] == ["Once.md"]
    with pytest.raises(Conflict):
        service.download(file)
    assert service.restore(file).deleted_at is None
    assert [one.name for one in builders.db.session.scalars(service.search())] == ["Once.md"]


@pytest.mark.storage
def test_archived_project_keeps_its_files_as_they_are(in_acme: None) -> None:
    file = builders.a_file(project_id=builders.a_project(archived_at=now()).id).id
    with pytest.raises(Conflict):
        service.delete(file)
    assert service.download(file)[1]


def test_token_of_one_project_reaches_the_files_of_that_project_only(
    client: FlaskClient, token: Token, acme: Enter
) -> None:
    """RFC 9396 §2: details bound what scope and roles would allow."""
    with acme():
        me = somebody("administrator")
        one, other = builders.a_project().id, builders.a_project().id
        for name, project in (("one", one), ("other", other), ("none", None)):
            builders.a_file(me, name=name, project_id=project)
    headers = token(FILES, user_id=me, terms=bound_to(["read"], identifier=one))
    assert names(client, headers) == ["one"]
    assert names(client, token(FILES, user_id=me, terms=bound_to(["read"]))) == ["one", "other"]
    assert names(client, token(FILES, user_id=me, terms=bound_to(["read"], datatypes=["comments"]))) == []


@pytest.mark.parametrize(
    ("actions", "statuses"),
    [
        (["read"], (200, 403, 403, 403)),
        (["read", "write"], (200, 200, 403, 403)),
        (["read", "share"], (200, 403, 201, 403)),
        (["read", "delete"], (200, 403, 403, 204)),
        (["write", "share", "delete"], (404, 404, 404, 404)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_details_say_what_may_be_done_with_files(
    client: FlaskClient, token: Token, acme: Enter, actions: list[str], statuses: tuple[int, ...]
) -> None:
    with acme():
        path = f"/v1/files/{builders.a_file(project_id=builders.a_project().id).id}"
    headers = token(FILES, terms=bound_to(actions))
    read = client.get(path, headers=headers)
    match = {"If-Match": read.headers.get("ETag", '"none"')}
    done = (
        read,
        client.patch(path, json={"labels": ["x"]}, headers={**headers, **match}),
        client.post(f"{path}/share", json={"scope": "organization"}, headers=headers),
        client.delete(path, headers=headers),
    )
    assert tuple(answer.status_code for answer in done) == statuses


def test_bound_token_adds_files_only_where_it_may_write(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        owner, one = builders.a_user().id, builders.a_project().id
        other = builders.a_project().id
    headers = token(FILES, terms=bound_to(["read", "write"], identifier=one))
    bodies = [{"name": "New.md", "owner_id": owner, "project_id": project} for project in (one, other, None)]
    assert [client.post("/v1/files", json=body, headers=headers).status_code for body in bodies] == [201, 403, 403]
