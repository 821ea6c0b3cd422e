"""The rules of bulk exports: who may, what is in them, and that business time completes and ends them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.clock import now
from sandbox.foundation.problems import Conflict
from sandbox.resources.configuration.model import Setting
from sandbox.resources.exports import service
from tests import builders
from tests.sandbox.resources.people import bound_to, somebody

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Token = Callable[..., Headers]
Read = Callable[[], list[dict[str, Any]]]
Travel = Callable[[timedelta], None]
PATH = "/v1/exports"
EXPORTS = "exports:read exports:write users:read files:read audit:read"
A_MINUTE = timedelta(minutes=1, seconds=1)


def forbid_to_others(session: Any) -> None:
    session.add(Setting(key="data.bulk_export.non_admin", value=False))


@pytest.mark.parametrize(
    ("role", "is_forbidden", "status"),
    [("member", True, 403), ("member", False, 202), ("administrator", True, 202), ("administrator", False, 202)],
)
@pytest.mark.control("IPY-SaaS-01", call="PATCH /v1/configuration/data.bulk_export.non_admin")
def test_setting_keeps_bulk_export_for_administrators(
    client: FlaskClient, token: Token, acme: Enter, role: str, *, is_forbidden: bool, status: int
) -> None:
    """IPY-SaaS-01 of the CSA's SaaS Security Capability Framework."""
    with acme():
        me = somebody(role)
        if is_forbidden:
            with builders.transaction() as session:
                forbid_to_others(session)
    answer = client.post(PATH, json={"kind": "users"}, headers=token(EXPORTS, user_id=me))
    assert answer.status_code == status
    assert status == 202 or "data.bulk_export.non_admin" in answer.get_json()["detail"]


def test_setting_counts_for_the_download_too(
    client: FlaskClient, token: Token, acme: Enter, travel: Travel, logged: Read
) -> None:
    with acme():
        me = somebody()
    headers = token(EXPORTS, user_id=me)
    export = client.post(PATH, json={"kind": "users"}, headers=headers).get_json()["id"]
    travel(A_MINUTE)
    with acme(), builders.transaction() as session:
        forbid_to_others(session)
    assert client.get(f"{PATH}/{export}/download", headers=headers).status_code == 403
    assert (logged()[-1]["action"], logged()[-1]["outcome"]["reason"]) == ("access.denied", "forbidden_by_setting")


def test_business_time_completes_an_export_and_ends_it(
    client: FlaskClient, anything: Headers, travel: Travel, logged: Read
) -> None:
    export = client.post(PATH, json={"kind": "users"}, headers=anything).get_json()
    path, seen = f"{PATH}/{export['id']}", []
    for distance in (timedelta(0), A_MINUTE, timedelta(days=8)):
        travel(distance)
        answer = client.get(f"{path}/download", headers=anything)
        seen.append((client.get(path, headers=anything).get_json()["status"], answer.status_code))
    assert seen == [("running", 409), ("completed", 200), ("expired", 409)]
    completed = next(event for event in logged() if event["action"] == "export.completed")
    assert completed["occurred_at"] < completed["ingested_at"]
    assert (completed["actor"]["id"], completed["details"]) == ("demo", {"format": "csv", "rows": 0})


def test_completion_is_noticed_once_whoever_looks(
    client: FlaskClient, token: Token, acme: Enter, travel: Travel, logged: Read
) -> None:
    with acme():
        me, auditor = somebody(), somebody("security_auditor")
        builders.an_export(user_id=me, requested_by={"type": "user", "id": me, "name": "P", "email": None})
    travel(A_MINUTE)
    rows = client.get(f"{PATH}?status=completed", headers=token(EXPORTS, user_id=auditor)).get_json()["data"]
    client.get(PATH, headers=token(EXPORTS, user_id=me))
    completed = [event for event in logged() if event["action"] == "export.completed"]
    assert [event["actor"]["id"] for event in completed] == [me]
    assert [row["rows"] for row in rows] == [2]


@pytest.mark.parametrize(("role", "seen"), [("member", 1), ("security_auditor", 2), ("administrator", 2)])
def test_people_see_what_they_asked_for_and_auditors_all(
    client: FlaskClient, token: Token, acme: Enter, role: str, seen: int
) -> None:
    with acme():
        me, theirs = somebody(role), builders.an_export(user_id=somebody()).id
        builders.an_export(user_id=me)
    headers = token(EXPORTS, user_id=me)
    assert len(client.get(PATH, headers=headers).get_json()["data"]) == seen
    assert client.get(f"{PATH}/{theirs}", headers=headers).status_code == (200 if seen == 2 else 404)


@pytest.mark.parametrize("kind", ["users", "files", "audit_events"])
def test_export_needs_the_scope_of_what_is_exported(client: FlaskClient, token: Token, kind: str) -> None:
    """A client that may export but not read the log must not get it this way."""
    assert client.post(PATH, json={"kind": kind}, headers=token("exports:write")).status_code == 403


def test_log_is_exported_by_those_only_who_see_everything(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        me, key = builders.a_user().id, builders.a_role(scope=EXPORTS.replace("audit:read", "")).key
        builders.an_assignment(me, key)
    answer = client.post(PATH, json={"kind": "audit_events"}, headers=token(EXPORTS, user_id=me))
    assert answer.status_code == 403


def test_export_of_a_person_holds_what_the_person_may_see_now(
    client: FlaskClient, token: Token, anything: Headers, acme: Enter, travel: Travel
) -> None:
    with acme():
        me = somebody()
        builders.a_file(me, name="=HYPERLINK(1)")
        builders.a_file(name="theirs")
        file = builders.a_file(me, name="mine").id
    export = client.post(PATH, json={"kind": "files"}, headers=token(EXPORTS, user_id=me)).get_json()["id"]
    travel(A_MINUTE)
    client.delete(f"/v1/files/{file}", headers=anything)
    answer = client.get(f"{PATH}/{export}/download", headers=anything)  # An administrator's eyes make no difference.
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["name"] for row in rows] == ["'=HYPERLINK(1)"]
    assert answer.headers["Content-Disposition"].endswith("Project%20archive.csv")


def test_log_comes_as_json_lines_newest_first(client: FlaskClient, anything: Headers, travel: Travel) -> None:
    body = {"kind": "audit_events", "format": "jsonl"}
    export = client.post(PATH, json=body, headers=anything).get_json()["id"]
    travel(A_MINUTE)
    lines = client.get(f"{PATH}/{export}/download", headers=anything).text.splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["export.completed", "export.started"]


@pytest.mark.storage
def test_export_is_cancelled_once_and_only_while_it_runs(in_acme: None) -> None:
    running, done = builders.an_export().id, builders.an_export(ready_at=now(), completed_at=now()).id
    for _ in range(2):
        assert service.cancel(running).status == "cancelled"
    with pytest.raises(Conflict):
        service.cancel(done)
    assert [one.id for one in builders.db.session.scalars(service.search(status="cancelled"))] == [running]


@pytest.mark.storage
@pytest.mark.parametrize(("kind", "rows"), [("users", 1), ("files", 1), ("audit_events", 0)])
def test_completed_export_counts_its_rows(in_acme: None, kind: str, rows: int) -> None:
    builders.a_file(builders.a_user().id)
    export = service.find(builders.an_export(kind=kind, ready_at=now()).id)
    assert (export.status, export.rows) == ("completed", rows)


def test_token_of_one_project_exports_the_files_of_that_project(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        one, other = builders.a_project().id, builders.a_project().id
        builders.an_export()
    headers = token(EXPORTS, terms=bound_to(["read"], identifier=one))
    bodies: list[dict[str, Any]] = [{"kind": "files", "project_id": one}, {"kind": "files"}, {"kind": "users"}]
    assert [client.post(PATH, json=body, headers=headers).status_code for body in bodies] == [202, 403, 403]
    assert client.post(PATH, json={"kind": "files", "project_id": other}, headers=headers).status_code == 400
    assert [row["project_id"] for row in client.get(PATH, headers=headers).get_json()["data"]] == [one]
