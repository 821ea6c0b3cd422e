"""What is written down already and may not be sent any more, and receivers that mean no good."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from sandbox.foundation.database import db, transaction
from sandbox.foundation.outbox import Message
from sandbox.http.outbound import Fetched
from sandbox.push.delivery import send_due
from sandbox.resources.audit_events.service import record
from sandbox.resources.webhooks import service as webhooks
from sandbox.resources.webhooks.model import Webhook
from sandbox.resources.webhooks.service import Rules
from tests import builders
from tests.sandbox.pump import Wire, pump
from tests.sandbox.resources.webhooks.conftest import Acme, Headers, a_webhook, deliveries, something_happens

FOREVER = (
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2030 00:00:00 +99999999999999999999",
    "9" * 5000,
    "-1",
    "\u0663",
)


@pytest.mark.storage
def test_message_that_an_appender_writes_while_the_webhook_goes_off_is_not_sent(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire
) -> None:
    """The appender read that it is on, and commits behind the cancelling of what waits."""
    with acme():
        hook = builders.a_webhook(status="disabled").id
        builders.a_delivery(hook)
    pump(app)
    (delivery,) = deliveries(client, anything, {"id": hook})
    assert wire.sent == []
    assert [one["error"] for one in delivery["attempts"]] == ["the webhook is switched off"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"url": "http://127.0.0.1:9/"}, "the setting webhooks.https_required demands https"),
        ({"is_signed": False}, "the setting webhooks.hmac_secret_required demands a signature"),
    ],
)
def test_setting_that_came_later_holds_for_webhooks_that_are_there(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, given: dict[str, Any], error: str
) -> None:
    with acme():
        hook = builders.a_webhook(**given, events=["user.*"]).id
    something_happens(acme)
    pump(app)
    delivered = deliveries(client, anything, {"id": hook})
    assert wire.sent == []
    assert {(one["status"], one["attempts"][0]["error"]) for one in delivered} == {("dead", error)}


def test_refusal_of_ours_is_no_failure_of_the_receiver(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acme():
        hook = builders.a_webhook(is_signed=False, events=["user.*"]).id
    something_happens(acme)
    pump(app)
    shown = client.get(f"/v1/webhooks/{hook}", headers=anything).get_json()
    assert (shown["status"], shown["last_failure_at"], shown["consecutive_failures"]) == ("enabled", None, 0)
    (dead, *_) = deliveries(client, anything, {"id": hook})
    monkeypatch.setattr(webhooks, "_rules", [lambda: Rules(signed=False)])
    assert client.post(f"/v1/webhooks/{hook}/deliveries/{dead['id']}/redeliver", headers=anything).status_code == 202
    pump(app)
    assert "webhook-signature" not in wire.sent[0][2]


@pytest.mark.storage
def test_failures_are_told_while_it_is_tried_again(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire
) -> None:
    """Not only once a message is given up, a day later."""
    wire.answers = [500, 500]
    hook = a_webhook(client, anything)
    something_happens(acme)
    for _ in range(2):
        with acme():
            send_due()
    shown = client.get(f"/v1/webhooks/{hook['id']}", headers=anything).get_json()
    assert shown["consecutive_failures"] == 2
    assert shown["last_failure_at"] is not None


@pytest.mark.parametrize("wanted", FOREVER, ids=range(len(FOREVER)))
def test_receiver_cannot_make_a_message_come_for_ever(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, wanted: str
) -> None:
    """Each answer is written down as an attempt, whatever it asks for."""
    wire.answers = [Fetched(503, "", {"retry-after": wanted}, b"")]
    hook = a_webhook(client, anything)
    something_happens(acme)
    with acme():
        send_due()
    (delivery,) = deliveries(client, anything, hook)
    assert [one["error"] for one in delivery["attempts"]] == ["it answered with status 503"]


def test_event_that_took_the_place_of_another_is_not_told_under_its_name(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire
) -> None:
    hook = a_webhook(client, anything, events=["auth.logout"])
    with acme():
        record("auth.logout")
        with transaction() as session:
            session.execute(update(Message).values(topic="user.suspended"))
    pump(app)
    (delivery,) = deliveries(client, anything, hook)
    assert wire.sent == []
    assert [one["error"] for one in delivery["attempts"]] == ["the event is no longer kept"]


def test_deleted_webhook_leaves_nothing_that_is_sent(app: Flask, acme: Acme, wire: Wire) -> None:
    with acme():
        hook = builders.a_webhook().id
        builders.a_delivery(hook)
        with transaction() as session:
            session.delete(session.get(Webhook, ("acme", hook)))
    pump(app)
    with acme():
        (message,) = db.session.scalars(select(Message))
    assert (wire.sent, message.status) == ([], "dead")
