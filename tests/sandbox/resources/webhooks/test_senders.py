"""Few senders, many who wait: each has a turn, and nothing is claimed that cannot be sent at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.foundation import outbox
from sandbox.foundation.database import db
from sandbox.foundation.outbox import Message
from sandbox.foundation.tenancy import across_tenants, enter
from sandbox.push.delivery import SENDERS, Delivery, Work
from sandbox.push.webhooks import PAUSES
from sandbox.resources.webhooks import service as webhooks
from tests import builders
from tests.sandbox.pump import Wire
from tests.sandbox.resources.webhooks.conftest import Acme

pytestmark = pytest.mark.storage


class Later:
    """Senders that begin when they are told to, instead of at once."""

    def __init__(self, app: Flask, patch: pytest.MonkeyPatch) -> None:
        self.app, self.begun, self.woken = app, list[Work](), 0
        channels = app.extensions["push"].channels.values()
        self.delivery = Delivery(channels, beside=self.begun.append, on_free=self._wake)
        patch.setitem(app.extensions, "push", self.delivery)

    def round(self) -> None:
        """Do what the housekeeper does."""
        chore = next(chore for chore in self.app.extensions["housekeeper"].chores if chore.name == "outbox")
        with self.app.app_context():
            with across_tenants("as the housekeeper"):
                due = list(chore.due())
            for tenant_id, _ in due:
                with enter(tenant_id):
                    chore.run()

    def finish(self) -> None:
        for work in self.begun:
            work()
        self.begun.clear()

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def later(app: Flask, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(app, monkeypatch)


def waiting(app: Flask, tenant_id: str, *numbers: int) -> list[str]:
    """Webhooks for each of which so many messages wait, those of the first the oldest."""
    with app.app_context(), enter(tenant_id):
        hooks = [builders.a_webhook(events=["auth.*"]).id for _ in numbers]
        for hook, number in zip(hooks, numbers, strict=True):
            for _ in range(number):
                outbox.post("webhook", hook, "webhook.ping", webhook_id=hook)
    return hooks


def test_backlog_at_a_slow_receiver_is_claimed_no_further_than_senders_reach(app: Flask, later: Later) -> None:
    """Else claims run out while they wait for a sender, and somebody sends the same again, and again."""
    waiting(app, "acme", 5 * SENDERS)
    for _ in range(2 * SENDERS):
        later.round()
    assert len(later.begun) == SENDERS


def test_free_sender_asks_for_more_while_more_waits(app: Flask, later: Later, wire: Wire) -> None:
    waiting(app, "acme", 3 * SENDERS - 1)
    while True:
        later.round()
        if not later.begun:
            break
        before = later.woken
        later.finish()
    assert later.woken == before  # The last round found less than it could have sent.
    assert before > 0
    assert len({headers["webhook-id"] for _, _, headers, _ in wire.sent}) == len(wire.sent) == 3 * SENDERS - 1


def test_one_tenant_leaves_senders_to_the_next(app: Flask, later: Later, wire: Wire) -> None:
    (loud,), (quiet,) = waiting(app, "acme", 5 * SENDERS), waiting(app, "other", 1)
    later.round()
    later.finish()
    assert {url for _, url, _, _ in wire.sent} == {url_of(app, loud, "acme"), url_of(app, quiet, "other")}


def test_tenant_who_was_served_longest_ago_is_next(app: Flask, later: Later) -> None:
    waiting(app, "acme", 5 * SENDERS)
    for _ in range(SENDERS):
        later.round()
    waiting(app, "other", 1)
    later.begun.pop(0)()  # One sender is free, and both are waiting for it.
    later.round()
    with app.app_context(), enter("other"):
        assert outbox.claim(1) == []  # It is on its way.


def test_webhook_with_a_backlog_keeps_no_other_waiting(app: Flask, later: Later, wire: Wire) -> None:
    hooks = waiting(app, "acme", 5 * SENDERS, 1)
    later.round()
    later.finish()
    assert {url for _, url, _, _ in wire.sent} == {url_of(app, hook, "acme") for hook in hooks}


def test_sender_that_fails_is_free_again_and_the_message_comes_to_an_end(
    app: Flask, acme: Acme, later: Later, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(wire, "request", fail)
    waiting(app, "acme", 1)
    for _ in range(2 * SENDERS):
        later.round()
        later.finish()
    with acme():
        (message,) = db.session.scalars(select(Message))
    assert (message.status, len(message.attempts)) == ("dead", len(PAUSES))
    assert {attempt["error"] for attempt in message.attempts} == {"the sender failed; its log tells why"}
    waiting(app, "acme", 5 * SENDERS)
    for _ in range(SENDERS):
        later.round()
    assert len(later.begun) == SENDERS


def test_nothing_begins_once_senders_are_closed(app: Flask, acme: Acme, later: Later) -> None:
    waiting(app, "acme", 1)
    later.delivery.close()
    later.round()
    with acme():
        assert len(outbox.claim(SENDERS)) == 1
    assert later.begun == []


def url_of(app: Flask, hook: str, tenant_id: str) -> str:
    with app.app_context(), enter(tenant_id):
        return webhooks.find(hook).url
