"""What happens is told to whoever listens: signed, again and again, and never lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from sandbox.foundation import outbox
from sandbox.foundation.clock import milliseconds, wall_now
from sandbox.foundation.database import db, transaction
from sandbox.foundation.outbox import Message
from sandbox.foundation.problems import Conflict
from sandbox.foundation.tenancy import enter
from sandbox.http.outbound import Fetched, Outbound
from sandbox.push import service
from sandbox.push.delivery import send_due
from sandbox.push.webhooks import CHANNEL, PAUSES
from sandbox.resources.audit_events.service import record
from sandbox.resources.users import service as users
from sandbox.resources.webhooks import service as webhooks
from tests import builders
from tests.sandbox.oauth.outgoing import SPECIAL
from tests.sandbox.pump import Wire, connect, pump, senders_of_its_own
from tests.sandbox.resources.webhooks.conftest import (
    URL,
    Acme,
    Headers,
    a_webhook,
    deliveries,
    something_happens,
    switch,
)
from tests.stranger import Stranger, a_stranger


@pytest.mark.storage
def test_event_is_sent_once_as_the_api_shows_it(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, made: dict[str, Any]
) -> None:
    """Only what it wants to hear, only after the commit, and judged by somebody else's verifier."""
    with acme():
        user_id = builders.a_user().id
        users.suspend(user_id)
        record("auth.logout")
        assert wire.sent == []
    pump(app)
    ((method, url, headers, body),) = wire.sent
    message = Verifier(made["secret"]).verify(body, headers)
    event = client.get("/v1/audit-events?action=user.suspended", headers=anything).get_json()["data"][0]
    assert (method, url, headers["Content-Type"]) == ("POST", URL, "application/json")
    assert message == {"type": "user.suspended", "timestamp": event["occurred_at"], "data": event}
    (delivery,) = deliveries(client, anything, made)
    assert (delivery["id"], delivery["status"]) == (headers["webhook-id"], "delivered")
    assert delivery["event_sequence"] == event["integrity"]["sequence"]
    assert [(one["result"], one["status"]) for one in delivery["attempts"]] == [("delivered", 200)]


def test_changed_message_is_not_ours(app: Flask, acme: Acme, wire: Wire, made: dict[str, Any]) -> None:
    something_happens(acme)
    pump(app)
    headers, body = wire.sent[0][2], wire.sent[0][3]
    for forged in ({**headers, "webhook-id": "msg_1"}, {**headers, "webhook-timestamp": "1"}):
        with pytest.raises(WebhookVerificationError):
            Verifier(made["secret"]).verify(body, forged)
    with pytest.raises(WebhookVerificationError):
        Verifier(made["secret"]).verify(body.replace(b"suspended", b"reactivat"), headers)


@pytest.mark.storage
def test_what_was_rolled_back_is_never_told(app: Flask, acme: Acme, wire: Wire, made: dict[str, Any]) -> None:
    with acme():
        user_id = builders.a_user().id
        with pytest.raises(Conflict), transaction():
            users.suspend(user_id)
            raise Conflict("no")
    pump(app)
    assert wire.sent == []


@pytest.mark.storage
def test_late_event_is_told_when_it_becomes_visible(
    app: Flask, acme: Acme, wire: Wire, made: dict[str, Any], travel: Callable[[timedelta], None]
) -> None:
    with acme():
        record("user.updated", visible_after=timedelta(minutes=5))
    pump(app)
    assert wire.sent == []
    travel(timedelta(minutes=6))
    app.extensions["housekeeper"].round()
    pump(app)
    assert [json.loads(body)["type"] for *_, body in wire.sent] == ["user.updated"]


@pytest.mark.storage
def test_failed_message_comes_again_with_its_id_and_another_timestamp_until_it_is_heard(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = connect(app, monkeypatch, 500, "the connection failed", 302, 204, at_once=False)
    hook = a_webhook(client, anything)
    something_happens(acme)
    pump(app)
    assert len({headers["webhook-id"] for _, _, headers, _ in wire.sent}) == 1
    (delivery,) = deliveries(client, anything, hook)
    assert [(one["status"], one["error"]) for one in delivery["attempts"]] == [
        (500, "it answered with status 500"),
        (None, "the connection failed"),
        (302, "it answered with status 302"),
        (204, None),
    ]
    shown = client.get(f"/v1/webhooks/{hook['id']}", headers=anything).get_json()
    assert (shown["consecutive_failures"], shown["status"], shown["last_failure_at"] is None) == (0, "enabled", False)


@pytest.mark.storage
def test_message_that_nobody_hears_is_a_dead_letter_and_the_webhook_goes_off(
    app: Flask,
    client: FlaskClient,
    anything: Headers,
    acme: Acme,
    logged: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(app, monkeypatch, *[503] * len(PAUSES), at_once=False)
    hook = a_webhook(client, anything)
    something_happens(acme)
    pump(app)
    (dead,) = client.get(f"/v1/webhooks/{hook['id']}/deliveries?status=dead", headers=anything).get_json()["data"]
    assert len(dead["attempts"]) == len(PAUSES)
    shown = client.get(f"/v1/webhooks/{hook['id']}", headers=anything).get_json()
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "not answering")
    assert shown["consecutive_failures"] == len(PAUSES)
    reasons = [event["outcome"]["reason"] for event in logged() if event["action"] == "webhook.disabled"]
    assert reasons == ["not answering"]
    something_happens(acme)
    assert len(deliveries(client, anything, hook)) == 1


def test_dead_letter_is_sent_again_on_demand(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = connect(app, monkeypatch, *[503] * len(PAUSES), at_once=False)
    hook = a_webhook(client, anything)
    something_happens(acme)
    pump(app)
    (dead,) = deliveries(client, anything, hook)
    again = f"/v1/webhooks/{hook['id']}/deliveries/{dead['id']}/redeliver"
    assert client.post(again, headers=anything).status_code == 409
    switch(client, anything, hook, "enabled")
    assert client.post(again, headers=anything).status_code == 202
    pump(app)
    assert wire.sent[-1][2]["webhook-id"] == dead["id"]
    assert [one["status"] for one in deliveries(client, anything, hook)] == ["delivered"]


def test_gone_switches_the_webhook_off_at_once(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = connect(app, monkeypatch, 410, at_once=False)
    hook = a_webhook(client, anything)
    something_happens(acme)
    pump(app)
    shown = client.get(f"/v1/webhooks/{hook['id']}", headers=anything).get_json()
    assert (len(wire.sent), shown["status"], shown["disabled_reason"]) == (1, "disabled", "gone")


@pytest.mark.parametrize(("answer", "least"), [("120", 120), ("x", 5), ("99999999999999999999", 24 * 3600)])
def test_next_attempt_waits_as_long_as_the_receiver_wants(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, answer: str, least: int
) -> None:
    app.extensions["push"].channels["webhook"] = CHANNEL
    wire.answers = [Fetched(429, "", {"retry-after": answer}, b"")]
    hook = a_webhook(client, anything)
    something_happens(acme)
    with acme():
        send_due()
    (delivery,) = deliveries(client, anything, hook)
    with acme():
        (message,) = db.session.scalars(select(Message))
        left = (message.next_at - milliseconds(wall_now())) / 1000
    assert delivery["status"] == "pending"
    assert least - 2 <= left <= least * 1.1 + 1


@pytest.mark.storage
def test_worker_that_dies_while_sending_loses_nothing(app: Flask, acme: Acme, wire: Wire, made: dict[str, Any]) -> None:
    """What was claimed and never settled is claimed again, by anybody, with the same id."""
    something_happens(acme)
    with acme():
        (claimed,) = outbox.claim(10)  # And here it dies.
        assert outbox.claim(10) == []
        with transaction() as session:
            session.execute(update(Message).values(next_at=milliseconds(wall_now())))
    pump(app)
    assert [headers["webhook-id"] for _, _, headers, _ in wire.sent] == [claimed]


def test_rotated_secret_and_the_former_one_both_verify_for_a_day(
    app: Flask,
    client: FlaskClient,
    anything: Headers,
    acme: Acme,
    wire: Wire,
    made: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rotated = client.post(f"/v1/webhooks/{made['id']}/rotate-secret", headers=anything).get_json()
    assert rotated["secret"] != made["secret"]
    something_happens(acme)
    pump(app)
    for secret in (made["secret"], rotated["secret"]):
        Verifier(secret).verify(wire.sent[0][3], wire.sent[0][2])
    with acme():
        hook = webhooks.find(made["id"])
        monkeypatch.setattr(webhooks, "wall_now", lambda: wall_now() + timedelta(hours=25))
        assert webhooks.secrets_of(hook) == webhooks.Secrets(rotated["secret"], None)


def test_secret_is_shown_once_only(client: FlaskClient, anything: Headers, made: dict[str, Any]) -> None:
    """Neither by the list, nor by the log, nor by a request that is sent again."""
    keyed = {**anything, "Idempotency-Key": "one"}
    given = {"url": "https://hooks.acme.example/other"}
    first, second = (client.post("/v1/webhooks", headers=keyed, json=given).get_json() for _ in range(2))
    assert first == {**second, "secret": first["secret"]}
    assert second["secret"] is None
    secret = made["secret"].removeprefix("whsec_")
    for path in ("/v1/webhooks", f"/v1/webhooks/{made['id']}", "/v1/audit-events"):
        assert secret not in client.get(path, headers=anything).text


def test_webhook_that_is_off_hears_nothing_and_what_waited_is_cancelled(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, made: dict[str, Any]
) -> None:
    something_happens(acme)
    switch(client, anything, made, "disabled")
    something_happens(acme)
    pump(app)
    assert wire.sent == []
    assert [one["status"] for one in deliveries(client, anything, made)] == ["cancelled"]
    for verb in ("test", "replay"):
        body = {"from_sequence": 1, "to_sequence": 2} if verb == "replay" else None
        assert client.post(f"/v1/webhooks/{made['id']}/{verb}", headers=anything, json=body).status_code == 409


@pytest.mark.storage
def test_tenants_hear_of_themselves_alone(app: Flask, acme: Acme, wire: Wire, made: dict[str, Any]) -> None:
    with app.app_context(), enter("other"):
        users.suspend(builders.a_user().id)
    pump(app)
    pump(app, "other")
    assert wire.sent == []


def test_nobody_pays_for_webhooks_who_has_none(
    acme: Acme, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """Recording an event asks the same as ever: the log's head says that nobody watches."""
    with acme(), statements() as asked:
        record("auth.logout")
    assert not [text for text in asked if "webhooks" in text or "outbox" in text]


@pytest.mark.sockets
@pytest.mark.enable_socket
@pytest.mark.parametrize("url", SPECIAL)
def test_address_inside_is_refused_when_it_is_named(client: FlaskClient, anything: Headers, url: str) -> None:
    refused = client.post("/v1/webhooks", headers=anything, json={"url": url})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (400, "/url")


def test_name_that_leads_inside_is_refused_when_it_is_called(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(app, monkeypatch, at_once=False)
    monkeypatch.setitem(app.extensions, "outbound", Outbound(resolve=lambda *_: ["203.0.113.7", "10.0.0.1"]))
    hook = a_webhook(client, anything)
    something_happens(acme)
    pump(app)
    (delivery,) = deliveries(client, anything, hook)
    assert {one["error"] for one in delivery["attempts"]} == {"its address is set apart for special use"}


@pytest.mark.parametrize(
    ("key", "given", "field"),
    [
        ("webhooks.hmac_secret_required", {"url": URL, "is_signed": False}, "/is_signed"),
        ("webhooks.https_required", {"url": "http://127.0.0.1:9/hook"}, "/url"),
    ],
)
def test_setting_decides_what_a_webhook_may_be(
    app: Flask,
    client: FlaskClient,
    anything: Headers,
    key: str,
    given: dict[str, Any],
    field: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions, "outbound", Outbound(loopback=True))
    refused = client.post("/v1/webhooks", headers=anything, json=given)
    assert (refused.status_code, [error["pointer"] for error in refused.get_json()["errors"]]) == (400, [field])
    etag = client.get(f"/v1/configuration/{key}", headers=anything).headers["ETag"]
    client.patch(f"/v1/configuration/{key}", headers={**anything, "If-Match": etag}, json={"value": False})
    assert client.post("/v1/webhooks", headers=anything, json=given).status_code == 201


def test_deliveries_go_after_a_month(acme: Acme, travel: Callable[[timedelta], None]) -> None:
    with acme():
        hook = builders.a_webhook()
        old = builders.a_delivery(hook.id, status="delivered", settled_at=builders.BUSINESS_START).id
        waiting = builders.a_delivery(hook.id).id
    travel(timedelta(days=31))
    with acme():
        assert service.next_forgotten()[0][0] == "acme"
        service.forget()
        assert [one.id for one in db.session.scalars(select(Message))] == [waiting] != [old]


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with a_stranger() as made:
        yield made


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_real_receiver_hears_beside_the_request(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real connection, from a thread of the server, signed."""
    monkeypatch.setitem(app.extensions, "outbound", Outbound(loopback=True))
    etag = client.get("/v1/configuration/webhooks.https_required", headers=anything).headers["ETag"]
    change = {**anything, "If-Match": etag}
    client.patch("/v1/configuration/webhooks.https_required", headers=change, json={"value": False})
    hook = a_webhook(client, anything, url=stranger.shows("/hook", {}))
    something_happens(acme)
    with senders_of_its_own(app, monkeypatch):
        app.extensions["housekeeper"].round()
    Verifier(hook["secret"]).verify(stranger.bodies[0], stranger.headers[0])
    assert [one["status"] for one in deliveries(client, anything, hook)] == ["delivered"]
