"""Snapshots, and a reset of some resources."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.tenancy import enter
from sandbox.foundation.tenancy_guard import owned_tables
from sandbox.http.outbound import Fetched
from sandbox.lab import going_back, image, population
from sandbox.resources.audit_events.service import record, verify
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.groups.model import Group
from sandbox.resources.users.model import User
from sandbox.resources.webhooks import service as webhooks
from tests import builders
from tests.sandbox.lab.conftest import SEEDED
from tests.sandbox.pump import Wire, connect, pump

pytestmark = pytest.mark.storage

TENANT = "company"


@pytest.fixture
def company(app: Flask) -> FlaskClient:
    """The seeded company, as the default tenant of its own."""
    settings = dataclasses.replace(
        app.config["SETTINGS"], profile="mini", seed=SEEDED.seed, default_tenant=TENANT, lab_key="k3y"
    )
    with app.app_context():
        population.populate(settings)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Lab k3y"
    app.config["SETTINGS"] = settings
    return client


@pytest.fixture(autouse=True)
def settings_put_back(app: Flask) -> Any:
    former = app.config["SETTINGS"]
    yield
    app.config["SETTINGS"] = former


def rows() -> dict[str, list[str]]:
    """Every row of the tenant that an image holds, and the log."""
    names = owned_tables() - (image.NOT_IN_IMAGE - {"audit_events", "audit_heads", "lab_truth"})
    tables = [table for table in Model.metadata.sorted_tables if table.name in names]
    return {
        table.name: sorted(map(repr, db.session.execute(select(table).where(table.c.tenant_id == TENANT))))
        for table in tables
    }


def lab(http: FlaskClient, method: str, path: str, **given: Any) -> Any:
    return http.open(f"/t/{TENANT}/_lab/{path}", method=method, **given)


def change_much() -> None:
    """Rows that go, are changed and come, a swap of what is unique, and events."""
    with transaction() as session:
        session.execute(delete(FileShare))
        session.execute(update(File).values(name="taken"))
        first, second = session.scalars(select(User).order_by(User.id).limit(2)).all()
        addresses = first.email, second.email
        first.email = "for-a-moment@acme.example"
        session.flush()
        second.email = addresses[0]
        session.flush()
        first.email = addresses[1]
        record("file.viewed")
    builders.a_user()


def test_snapshot_brings_everything_back_the_log_included(app: Flask, company: FlaskClient) -> None:
    with app.app_context(), enter(TENANT):
        builders.a_user(email="kept@acme.example")
        record("file.viewed")
        before = rows()
    assert lab(company, "POST", "snapshots", json={"name": "before"}).status_code == 201
    with app.app_context(), enter(TENANT):
        change_much()
        assert rows() != before
    assert lab(company, "POST", "snapshots/before/restore").status_code == 200
    with app.app_context(), enter(TENANT):
        assert rows() == before
        assert verify()["verified"]
        record("file.viewed")
        assert verify()["verified"]


def test_snapshot_turns_the_clock_back_and_voids_cursors(app: Flask, company: FlaskClient) -> None:
    lab(company, "PUT", "clock", json={"rate": 0})
    lab(company, "POST", "snapshots", json={"name": "then"})
    with app.app_context(), enter(TENANT) as tenant:
        epoch = tenant.epoch
    lab(company, "PUT", "clock", json={"now": "2026-09-20T00:00:00Z", "rate": 60})
    shown = lab(company, "POST", "snapshots/then/restore").get_json()
    assert lab(company, "GET", "clock").get_json() == {"now": shown["now"], "rate": 0.0}
    assert shown["now"].startswith("2026-09-01T00:")
    with app.app_context(), enter(TENANT) as tenant:
        assert tenant.epoch > epoch


def test_snapshot_lasts_over_a_reset_and_can_be_restored_again(app: Flask, company: FlaskClient) -> None:
    with app.app_context(), enter(TENANT):
        builders.a_user(email="kept@acme.example")
    lab(company, "POST", "snapshots", json={"name": "one"})
    for _ in range(2):
        assert lab(company, "POST", "reset").status_code == 200
        assert not people_called(app, "kept@acme.example")
        assert lab(company, "POST", "snapshots/one/restore").status_code == 200
        assert people_called(app, "kept@acme.example")


def people_called(app: Flask, email: str) -> bool:
    with app.app_context(), enter(TENANT):
        return db.session.scalar(select(User.id).where(User.email == email)) is not None


def test_snapshots_are_listed_replaced_and_deleted(company: FlaskClient) -> None:
    for name in ("b", "a", "b"):
        lab(company, "POST", "snapshots", json={"name": name})
    listed = lab(company, "GET", "snapshots").get_json()["data"]
    assert [one["name"] for one in listed] == ["a", "b"]
    assert all(one["rows"] > 100 and one["bytes"] > 1000 for one in listed)
    assert lab(company, "DELETE", "snapshots/a").status_code == 204
    assert [lab(company, method, path).status_code for method, path in GONE] == [404, 404, 404]


GONE = [("GET", "snapshots/a"), ("DELETE", "snapshots/a"), ("POST", "snapshots/a/restore")]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("snapshots", {"name": "../x"}, "/name"),
        ("snapshots", {}, "/name"),
        ("snapshots", {"name": "x", "force": True}, "/force"),
        ("reset", {"resources": ["users", "people"]}, "/resources/1"),
        ("reset", {"resources": "users"}, "/resources"),
        ("reset", {"resources": []}, "/resources"),
    ],
)
def test_what_is_wrong_is_named(company: FlaskClient, path: str, body: dict[str, Any], pointer: str) -> None:
    refused = lab(company, "POST", path, json=body)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (400, pointer)


def test_some_resources_go_back_and_the_others_stay(app: Flask, company: FlaskClient) -> None:
    with app.app_context(), enter(TENANT):
        before = rows()
        with transaction() as session:
            session.execute(update(File).values(name="taken"))
            session.execute(update(Group).values(description="changed"))
        record("file.viewed")
    assert lab(company, "POST", "reset", json={"resources": ["files"]}).status_code == 200
    with app.app_context(), enter(TENANT):
        after = rows()
    assert after["files"] == before["files"]
    assert after["groups"] != before["groups"]
    assert len(after["audit_events"]) == len(before["audit_events"]) + 1


def test_reset_of_what_others_refer_to_is_refused_whole(app: Flask, company: FlaskClient) -> None:
    with app.app_context(), enter(TENANT):
        builders.a_forwarding_rule(builders.a_user().id)
        before = rows()
    refused = lab(company, "POST", "reset", json={"resources": ["users"]})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "conflict")
    with app.app_context(), enter(TENANT):
        assert rows() == before
    assert lab(company, "POST", "reset", json={"resources": ["users", "forwarding-rules"]}).status_code == 200


def test_every_resource_can_go_back(app: Flask, company: FlaskClient) -> None:
    with app.app_context(), enter(TENANT):
        names = list(going_back.resources())
        change_much()
    assert {"users", "files", "oauth", "lab", "audit-events", "webhooks"} <= set(names)
    assert lab(company, "POST", "reset", json={"resources": names}).status_code == 200


class Meanwhile(Wire):
    """A receiver during whose answer something happens."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    def request(self, *given: Any, **more: Any) -> Fetched:
        answer = super().request(*given, **more)
        self.happens()
        return answer


def test_reset_while_a_message_is_on_its_way_leaves_no_trace_of_it(
    app: Flask, company: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), enter(TENANT):
        before = rows()
        builders.a_delivery(builders.a_webhook().id, topic="webhook.ping", payload={})
    wire = Meanwhile(lambda: lab(company, "POST", "reset"))
    connect(app, monkeypatch, at_once=False)
    monkeypatch.setitem(app.extensions, "outbound", wire)
    pump(app, TENANT)
    assert len(wire.sent) == 1
    with app.app_context(), enter(TENANT):
        after = rows()
    assert {name: after[name] for name in ("webhooks", "outbox")} == {
        name: before[name] for name in ("webhooks", "outbox")
    }


def test_messages_about_events_go_with_the_log(
    app: Flask, company: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what waits would be told of whatever has the place of its event afterwards."""
    wire = connect(app, monkeypatch, at_once=False)
    with app.app_context(), enter(TENANT):
        builders.a_webhook(events=["auth.logout"])
        record("auth.logout")
    assert lab(company, "POST", "reset", json={"resources": ["audit-events"]}).status_code == 200
    with app.app_context(), enter(TENANT):
        record("auth.logout")
    pump(app, TENANT)
    assert len(wire.sent) == 1


def test_webhook_of_a_snapshot_is_called_after_going_back_to_it(
    app: Flask, company: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = connect(app, monkeypatch, at_once=False)
    with app.app_context(), enter(TENANT):
        hook = builders.a_webhook(events=["auth.logout"]).id
    assert lab(company, "POST", "snapshots", json={"name": "hooked"}).status_code == 201
    with app.app_context(), enter(TENANT):
        webhooks.delete(hook)
    assert lab(company, "POST", "snapshots/hooked/restore").status_code == 200
    with app.app_context(), enter(TENANT):
        record("auth.logout")
    pump(app, TENANT)
    assert len(wire.sent) == 1
