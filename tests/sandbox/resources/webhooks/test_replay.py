"""Events are sent again on demand, each as a new message, and that is in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from standardwebhooks import Webhook as Verifier

from tests.sandbox.pump import Wire, pump
from tests.sandbox.resources.webhooks.conftest import Acme, Headers, deliveries, something_happens


@pytest.mark.storage
def test_events_are_replayed_as_new_messages(
    app: Flask, client: FlaskClient, anything: Headers, acme: Acme, wire: Wire, made: dict[str, Any]
) -> None:
    for _ in range(3):
        something_happens(acme)
    pump(app)
    sequences = [one["event_sequence"] for one in deliveries(client, anything, made)]
    path, span = f"/v1/webhooks/{made['id']}/replay", {"from_sequence": sequences[1], "to_sequence": sequences[2] + 999}
    rehearsed = client.post(path, headers=anything, json={**span, "dry_run": True}).get_json()
    assert (rehearsed, len(deliveries(client, anything, made))) == ({"count": 2, "dry_run": True}, 3)
    assert client.post(path, headers=anything, json=span).get_json() == {"count": 2, "dry_run": False}
    pump(app)
    assert [json.loads(body)["data"]["integrity"]["sequence"] for *_, body in wire.sent[3:]] == sequences[1:]
    assert len({headers["webhook-id"] for _, _, headers, _ in wire.sent}) == 5
    events = client.get("/v1/audit-events", query_string={"action": "webhook.replayed"}, headers=anything).get_json()[
        "data"
    ]
    assert [event["details"]["count"] for event in events] == [2]


@pytest.mark.parametrize(
    ("span", "field"),
    [
        ({"from_sequence": 5, "to_sequence": 4}, "/to_sequence"),
        ({"from_sequence": 0, "to_sequence": 4}, "/from_sequence"),
        ({"from_sequence": "1", "to_sequence": 4}, "/from_sequence"),
        ({"from_sequence": 1}, "/to_sequence"),
    ],
)
def test_span_that_is_none_is_told_by_field(
    client: FlaskClient, anything: Headers, made: dict[str, Any], span: dict[str, Any], field: str
) -> None:
    refused = client.post(f"/v1/webhooks/{made['id']}/replay", headers=anything, json=span)
    assert (refused.status_code, [error["pointer"] for error in refused.get_json()["errors"]]) == (400, [field])


def test_test_sends_a_ping(
    app: Flask, client: FlaskClient, anything: Headers, wire: Wire, made: dict[str, Any]
) -> None:
    sent = client.post(f"/v1/webhooks/{made['id']}/test", headers=anything)
    pump(app)
    message = Verifier(made["secret"]).verify(wire.sent[0][3], wire.sent[0][2])
    assert (sent.status_code, message["type"], message["data"]) == (202, "webhook.ping", {"webhook_id": made["id"]})
