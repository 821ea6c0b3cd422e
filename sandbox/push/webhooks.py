"""Calling a webhook: the message, its signature, and what an answer means (Standard Webhooks 1.0).

The body is `type`, `timestamp` and `data`, which is the event as the API shows it, byte for byte. `webhook-id` stays the
same however often a message is sent, so that a receiver can tell a repetition. 2xx is heard; 410 means that nobody is there
any more, and switches the webhook off; everything else is tried again, redirects included, since they are never followed.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson

from sandbox.foundation import outbox
from sandbox.foundation.clock import now, to_wire, wall_now, wall_seconds
from sandbox.foundation.database import db
from sandbox.foundation.outbox import Attempt, Channel, Message
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.outbound import Fetched, OutboundFailed
from sandbox.http.outbound import post as send_to
from sandbox.resources.audit_events.seal import EventsVisible
from sandbox.resources.audit_events.storage import fetch, floor_of, read_head
from sandbox.resources.webhooks import service
from sandbox.resources.webhooks.model import Webhook

PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
)
"""Before each attempt; the last is a good day after the first."""
LONGEST_WAIT: Final = timedelta(hours=24)
PING: Final = "webhook.ping"
_GONE: Final = 410
_HEARD: Final = range(200, 300)


def on_events_visible(fact: EventsVisible) -> None:
    """Write down what has to be told to whom, in the transaction in which it happens."""
    listening = service.listening()
    for sequence, action in fact.events:
        for webhook_id in listening(action):
            outbox.post(service.CHANNEL, webhook_id, action, reference=sequence)


def ping(webhook: Webhook) -> Message:
    """Send a message that stands for nothing."""
    return outbox.post(service.CHANNEL, webhook.id, PING, webhook_id=webhook.id, at=to_wire(now()))


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign a message: HMAC-SHA-256 over id, timestamp and body, in base64 behind the version of the scheme."""
    key = b64decode(secret.removeprefix("whsec_"))
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def _send(message: Message) -> Attempt:
    began = time.perf_counter()
    try:
        webhook = service.find(message.subject)
    except NotFound:
        return Attempt(outbox.REFUSED, error="the webhook was deleted")
    if (objection := service.objection(webhook)) is not None:
        return Attempt(outbox.REFUSED, error=objection)
    if (body := _body(message)) is None:
        return Attempt(outbox.REFUSED, error="the event is no longer kept")
    try:
        answer = send_to(webhook.url, body, content_type="application/json", headers=_headers(message, webhook, body))
    except OutboundFailed as failure:
        return Attempt(outbox.FAILED, error=str(failure), seconds=time.perf_counter() - began)
    return _judge(answer, time.perf_counter() - began)


def _headers(message: Message, webhook: Webhook, body: bytes) -> dict[str, str]:
    timestamp = wall_seconds()
    headers = {"webhook-id": message.id, "webhook-timestamp": str(timestamp)}
    if (secrets := service.secrets_of(webhook)) is not None:
        keys = [secret for secret in (secrets.present, secrets.former) if secret]
        headers["webhook-signature"] = " ".join(signature(key, message.id, timestamp, body) for key in keys)
    return headers


def _body(message: Message) -> bytes | None:
    """Write a message; None if its event is beyond retention."""
    if message.reference is None:
        told: dict[str, Any] = message.payload or {}
        data = {"webhook_id": told.get("webhook_id")}
        return orjson.dumps({"type": message.topic, "timestamp": told.get("at"), "data": data})
    head = read_head()
    if message.reference <= floor_of(head):
        return None
    found = fetch(head, [message.reference])
    if not found:
        return None
    told, event = orjson.loads(found[0][1]), bytes(found[0][1])
    if told["action"] != message.topic:  # The log went back meanwhile, and another event has this place.
        return None
    occurred_at = orjson.dumps(told["occurred_at"])
    return b'{"type":%b,"timestamp":%b,"data":%b}' % (orjson.dumps(message.topic), occurred_at, event)


def _judge(answer: Fetched, seconds: float) -> Attempt:
    if answer.status in _HEARD:
        return Attempt(outbox.DELIVERED, answer.status, seconds=seconds)
    error = f"it answered with status {answer.status}"
    if answer.status == _GONE:
        return Attempt(outbox.REFUSED, answer.status, error, seconds)
    return Attempt(outbox.FAILED, answer.status, error, seconds, _wanted_pause(answer))


def _wanted_pause(answer: Fetched) -> timedelta | None:
    """Read Retry-After in both of its forms (RFC 9110 §10.2.3), up to a day."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(timedelta(seconds=int(given[:9])), LONGEST_WAIT)
    try:
        wanted = parsedate_to_datetime(given) - wall_now()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(wanted, timedelta(0)), LONGEST_WAIT)


def _hold(webhook_id: str) -> Webhook | None:
    """Queue for a webhook as whoever switches it off does: first the webhook, then its messages."""
    key = (current_tenant_id(), webhook_id)
    return db.session.get(Webhook, key, with_for_update=True, populate_existing=True)


def _noted(message: Message, attempt: Attempt) -> None:
    """Note how a webhook does, and switch off one that nobody answers for: 410, or nothing heard for all of a message."""
    webhook = _hold(message.subject)
    if webhook is None or (attempt.result == outbox.REFUSED and attempt.status is None):
        return  # It was deleted, or it was we who sent nothing.
    if attempt.result == outbox.DELIVERED:
        webhook.last_success_at, webhook.consecutive_failures = now(), 0
        return
    webhook.last_failure_at = now()
    webhook.consecutive_failures += 1
    if attempt.status == _GONE:
        service.switch_off(webhook, "gone")
    elif message.status == "dead" and not _heard_since(webhook, message):
        service.switch_off(webhook, "not answering")


def _heard_since(webhook: Webhook, message: Message) -> bool:
    return webhook.last_success_at is not None and webhook.last_success_at >= message.created_at


CHANNEL: Final = Channel(service.CHANNEL, PAUSES, _send, _noted, _hold)
