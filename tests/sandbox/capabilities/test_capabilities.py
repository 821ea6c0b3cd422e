"""Controls that no test of a single resource shows: a setting on is refused, off is allowed; what a role must not see."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.scopes import EVERY_READ
from tests import builders
from tests.sandbox.capabilities.conftest import Setting
from tests.sandbox.oauth.journey import USER, Journey
from tests.sandbox.resources.people import somebody

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Token = Callable[..., Headers]


@pytest.mark.control("DSP-SaaS-01", call="PATCH /v1/configuration/data.upload.allowed_types")
@pytest.mark.parametrize(
    ("key", "value", "statuses"),
    [
        ("data.upload.enabled", True, [201, 201, 201]),
        ("data.upload.enabled", False, [403, 403, 403]),
        ("data.upload.allowed_types", ["pdf", "docx"], [201, 403, 403]),
    ],
)
def test_setting_says_which_files_come_in(
    client: FlaskClient, token: Token, acme: Enter, setting: Setting, key: str, value: Any, statuses: list[int]
) -> None:
    """By the last extension, and none is none of the list."""
    with acme():
        headers = token("files:read files:write", user_id=somebody())
    setting(key, value)
    names = ("Plan.PDF", "plan.pdf.exe", "plan")
    assert [client.post("/v1/files", json={"name": name}, headers=headers).status_code for name in names] == statuses


@pytest.mark.control("DSP-SaaS-01", call="PATCH /v1/configuration/data.upload.allowed_types")
def test_other_name_does_not_let_a_file_in(client: FlaskClient, token: Token, acme: Enter, setting: Setting) -> None:
    with acme():
        headers = token("files:read files:write", user_id=somebody())
    setting("data.upload.allowed_types", ["pdf"])
    made = client.post("/v1/files", json={"name": "plan.pdf"}, headers=headers)
    path = f"/v1/files/{made.get_json()['id']}"
    etag = client.get(path, headers=headers).headers["ETag"]
    renamed = [
        client.patch(path, json={"name": name}, headers={**headers, "If-Match": etag}).status_code
        for name in ("plan.exe", "other.pdf")
    ]
    assert renamed == [403, 200]


@pytest.mark.control("IAM-SaaS-21", call="PATCH /v1/configuration/admin.invites.allowed_roles")
@pytest.mark.parametrize(("allowed", "status"), [(["administrator"], 403), (["administrator", "user_manager"], 201)])
def test_setting_says_which_roles_invite(
    client: FlaskClient, token: Token, acme: Enter, setting: Setting, allowed: list[str], status: int
) -> None:
    with acme():
        person = builders.a_user().id
        builders.an_assignment(person, builders.a_role(key="user_manager", scope="users:read users:write").key)
    headers = token("users:write", user_id=person)
    setting("admin.invites.allowed_roles", allowed)
    body = {"email": "new@acme.example", "name": "New", "status": "staged"}
    assert client.post("/v1/users", json=body, headers=headers).status_code == status


@pytest.fixture
def auditor(token: Token, acme: Enter) -> Headers:
    with acme():
        return token(" ".join(sorted(EVERY_READ)), user_id=somebody("security_auditor"))


@pytest.mark.control("IAM-SaaS-10", call="GET /v1/configuration, as a security auditor")
def test_auditor_reads_how_security_stands(client: FlaskClient, auditor: Headers) -> None:
    paths = ("configuration", "identity-providers", "network-policies", "roles", "users", "audit-events", "api-tokens")
    assert {client.get(f"/v1/{path}", headers=auditor).status_code for path in paths} == {200}


@pytest.mark.control(
    "IAM-SaaS-10",
    call="GET /v1/files/{file_id}/download, as a security auditor",
    level="partial",
    note="sees that files are there, by name, not what is in them",
)
def test_auditor_opens_no_file(client: FlaskClient, auditor: Headers, acme: Enter, anything: Headers) -> None:
    """Of others; the log has the refusal."""
    with acme():
        path = f"/v1/files/{builders.a_file().id}/download"
    assert [client.get(path, headers=headers).status_code for headers in (auditor, anything)] == [403, 200]


@pytest.mark.control("IAM-SaaS-10", call="any write, as a security auditor")
def test_auditor_changes_nothing(client: FlaskClient, auditor: Headers) -> None:
    tried = [
        client.patch("/v1/configuration/data.upload.enabled", json={"value": False}, headers=auditor),
        client.post("/v1/exports", json={"kind": "users"}, headers=auditor),
        client.post("/v1/users/usr_1/suspend", json={"reason": "No."}, headers=auditor),
    ]
    assert [answer.status_code for answer in tried] == [403] * 3


@pytest.mark.control("IAM-SaaS-06", call="GET /v1/service-accounts, /v1/api-tokens, /v1/apps")
def test_every_identity_that_is_no_person_is_listed_with_owner_reach_and_end(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        owner = builders.a_user().id
        builders.a_service_account(owner_id=owner)
        builders.an_api_token(owner_id=owner)
        builders.an_app()
    seen = {
        kind: client.get(f"/v1/{kind}", headers=anything).get_json()["data"][-1]
        for kind in ("service-accounts", "api-tokens", "apps")
    }
    assert (seen["service-accounts"]["owner_id"], seen["api-tokens"]["owner_id"]) == (owner, owner)
    assert {"type", "scopes", "issued_at", "expires_at"} <= seen["api-tokens"].keys()
    assert {"publisher", "scopes", "permission_level", "user_count"} <= seen["apps"].keys()


@pytest.mark.control("SEF-SaaS-01", call="POST /v1/security-contacts")
def test_security_contact_is_set_and_taken_away(client: FlaskClient, anything: Headers) -> None:
    body = {"name": "On call", "email": "security@acme.example", "purposes": ["incident"]}
    made = client.post("/v1/security-contacts", json=body, headers=anything)
    assert made.status_code == 201, made.get_json()
    path = f"/v1/security-contacts/{made.get_json()['id']}"
    statuses = [client.get(path, headers=anything).status_code, client.delete(path, headers=anything).status_code]
    assert [*statuses, client.get(path, headers=anything).status_code] == [200, 204, 404]


def test_stricter_of_setting_and_identity_provider_wins(go: Journey, setting: Setting) -> None:
    """No provider is enforced, the setting is: passwords are refused, and taken again when it is off."""
    seen = [go.sign_in(USER).status_code]
    setting("identity.sso.enabled", True)
    for enforced in (True, False):
        setting("identity.sso.enforced", enforced)
        seen.append(go.sign_in(USER).status_code)
    assert seen == [303, 401, 303]


@pytest.mark.control("IAM-SaaS-05", call="POST /v1/users/{user_id}/suspend, of the last administrator who is exempt")
@pytest.mark.parametrize("another_is_exempt", [False, True])
def test_last_exempt_administrator_is_not_suspended(
    client: FlaskClient, anything: Headers, acme: Enter, *, another_is_exempt: bool
) -> None:
    with acme():
        leaving, other = builders.an_administrator().id, builders.an_administrator().id
        provider = builders.an_identity_provider(is_enforced=True).id
        for person in (leaving, *([other] if another_is_exempt else [])):
            builders.an_exemption(provider, person)
    answer = client.post(f"/v1/users/{leaving}/suspend", json={"reason": "Left."}, headers=anything)
    assert answer.status_code == (200 if another_is_exempt else 409)
