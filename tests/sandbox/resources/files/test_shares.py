"""The rules of sharing: how far it reaches, what settings forbid, when it ends, and who follows a public link."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.problems import Forbidden
from sandbox.resources.configuration.model import Setting
from sandbox.resources.files import service, shares
from sandbox.resources.users import service as users
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Read = Callable[[], list[dict[str, Any]]]
ANYONE: dict[str, Any] = {"scope": "anyone"}


def set_to(key: str, value: Any) -> None:
    with builders.transaction() as session:
        session.add(Setting(key=f"data.{key}", value=value))


def share(file_id: str, scope: str | None = None, recipient: str | None = None) -> Any:
    return shares.share(file_id, scope=scope, recipient=recipient, expires_at=None)


@pytest.fixture
def company(in_acme: None) -> str:
    """A colleague and a guest give two domains their meaning; gives the id of a file."""
    builders.a_user(email="ada@acme.example")
    builders.a_user(email="guest@partner.example", is_external=True)
    builders.a_user(email="gone@former.example", is_external=True, status="deleted")
    return builders.a_file().id


@pytest.mark.storage
@pytest.mark.parametrize(
    ("scope", "recipient", "reach"),
    [
        ("people", "Ada@acme.example", "internal"),
        ("people", "new.colleague@acme.example", "internal"),
        ("people", "guest@partner.example", "external"),
        ("people", "x@acme.example.evil.example", "external"),
        ("people", "x@notacme.example", "external"),
        ("organization", None, "internal"),
        ("anyone", None, "public"),
    ],
)
def test_share_reaches_as_far_as_its_recipient(company: str, scope: str, recipient: str | None, reach: str) -> None:
    made = share(company, scope, recipient)
    assert (made.reach, service.present([service.find(company)])[0].sharing) == (reach, reach)


@pytest.mark.parametrize(
    ("mode", "allowed"),
    [
        ("anyone", {"guest@partner.example", "somebody@partner.example", "x@former.example"}),
        ("allowlist", {"guest@partner.example", "somebody@partner.example"}),
        ("off", set()),
    ],
)
@pytest.mark.control("IAM-SaaS-14", call="PATCH /v1/configuration/data.external_sharing.mode")
def test_setting_says_who_outside_may_be_reached(company: str, mode: str, allowed: set[str]) -> None:
    set_to("external_sharing.mode", mode)
    reached = set()
    for recipient in ("guest@partner.example", "somebody@partner.example", "x@former.example"):
        try:
            reached.add(share(company, "people", recipient).recipient)
        except Forbidden:
            continue
    assert reached == allowed
    assert share(company, "people", "ada@acme.example").reach == "internal"


@pytest.mark.control("IAM-SaaS-13", call="PATCH /v1/configuration/data.public_links.enabled")
def test_refusal_by_a_setting_names_it_and_is_in_the_log(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Read
) -> None:
    with acme():
        file = builders.a_file().id
        set_to("public_links.enabled", False)
    answer = client.post(f"/v1/files/{file}/share", json=ANYONE, headers=anything)
    assert (answer.status_code, "data.public_links.enabled" in answer.get_json()["detail"]) == (403, True)
    event = logged()[-1]
    assert (event["outcome"]["reason"], event["details"]) == (
        "forbidden_by_setting",
        {"setting": "data.public_links.enabled"},
    )


@pytest.mark.parametrize(("setting", "scope"), [(None, "organization"), ("anyone", "anyone")])
def test_setting_says_whom_a_share_is_with_unless_somebody_says(company: str, setting: str | None, scope: str) -> None:
    if setting:
        set_to("default_link_scope", setting)
    assert share(company).scope == scope


@pytest.mark.parametrize(
    ("asked", "status"),
    [(None, 201), ("2026-09-20T00:00:00Z", 201), ("2026-10-05T00:00:00Z", 400), ("2026-08-01T00:00:00Z", 400)],
)
def test_public_link_ends_at_the_latest_when_the_setting_says(
    client: FlaskClient, anything: Headers, acme: Enter, asked: str | None, status: int
) -> None:
    with acme():
        file = builders.a_file().id
        set_to("public_links.expiry_days", 30)
    answer = client.post(f"/v1/files/{file}/share", json={**ANYONE, "expires_at": asked}, headers=anything)
    assert answer.status_code == status
    assert status != 201 or answer.get_json()["expires_at"] <= "2026-10-01T00:10:00.000Z"


@pytest.mark.storage
def test_same_share_once_more_is_one_share_and_all_end_together(company: str) -> None:
    first, again = share(company, "anyone"), share(company, "anyone")
    share(company, "people", "guest@partner.example")
    assert first.id == again.id
    assert len(builders.db.session.scalars(shares.of_file(company)).all()) == 2
    shares.unshare(company, share_id=None, scope=None)
    assert service.present([service.find(company)])[0].sharing == "private"


def test_one_share_of_several_is_ended(client: FlaskClient, anything: Headers, acme: Enter, logged: Read) -> None:
    with acme():
        file = builders.a_file().id
        one = builders.a_share(file, scope="people", recipient="a@b.example", reach="external").id
        builders.a_share(file)
        elsewhere = builders.a_share(builders.a_file().id).id
    path = f"/v1/files/{file}/unshare"
    assert client.post(path, json={"share_id": one}, headers=anything).get_json()["sharing"] == "internal"
    assert logged()[-1]["details"] == {"scopes": ["people"], "recipients": ["a@b.example"]}
    assert client.post(path, json={"share_id": elsewhere}, headers=anything).status_code == 404
    before = len(logged())
    assert client.post(path, json={"scope": "anyone"}, headers=anything).status_code == 200
    assert len(logged()) == before


def test_what_was_shared_with_a_deleted_person_ends(in_acme: None) -> None:
    builders.an_administrator()
    leaver, file = builders.a_user(email="leaver@acme.example").id, builders.a_file().id
    builders.a_share(file, scope="people", recipient="leaver@acme.example")
    users.delete(leaver)
    assert builders.db.session.scalars(shares.of_file(file)).all() == []


@pytest.fixture
def link(client: FlaskClient, anything: Headers, acme: Enter) -> tuple[str, str]:
    """A file and the address of its public link."""
    with acme():
        file = builders.a_file(name="Flyer.pdf").id
    url = client.post(f"/v1/files/{file}/share", json=ANYONE, headers=anything).get_json()["url"]
    return file, url


@pytest.mark.control("IAM-SaaS-13", call="PATCH /v1/configuration/data.public_links.enabled")
def test_public_link_needs_no_sign_in_and_the_log_knows_from_where(
    client: FlaskClient, link: tuple[str, str], logged: Read
) -> None:
    file, url = link
    answer = client.get(url, headers={"User-Agent": "Browser"}, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert (answer.status_code, b"Flyer.pdf" in answer.data) == (200, True)
    event = logged()[-1]
    assert (event["action"], event["targets"][0]["id"]) == ("file.downloaded", file)
    assert (event["actor"]["id"], event["source"]["ip"]) == (None, "198.51.100.7")


def test_link_that_was_changed_or_is_another_tenants_leads_nowhere(client: FlaskClient, link: tuple[str, str]) -> None:
    path = link[1].removeprefix("http://localhost")
    changed = [path[:-1] + ("0" if path[-1] != "0" else "1"), path.partition(".")[0], f"{path}0", f"/t/other{path}"]
    assert [client.get(each).status_code for each in changed] == [404] * 4


@pytest.mark.parametrize("end", ["unshared", "trashed", "switched off", "expired"])
def test_link_dies_at_once(
    client: FlaskClient,
    anything: Headers,
    acme: Enter,
    link: tuple[str, str],
    travel: Callable[[timedelta], None],
    end: str,
) -> None:
    file, url = link
    if end == "unshared":
        client.post(f"/v1/files/{file}/unshare", json={}, headers=anything)
    elif end == "trashed":
        client.delete(f"/v1/files/{file}", headers=anything)
    elif end == "switched off":
        with acme():
            set_to("public_links.enabled", False)
    else:
        body = {**ANYONE, "expires_at": "2026-09-02T00:00:00Z"}
        client.post(f"/v1/files/{file}/share", json=body, headers=anything)
        travel(timedelta(days=2))
    assert client.get(url).status_code == 404
