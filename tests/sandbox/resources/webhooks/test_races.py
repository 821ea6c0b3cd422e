"""Many at once, on PostgreSQL: nobody waits in a circle, and what one does another does not undo."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.foundation import outbox
from sandbox.foundation.database import db, transaction
from sandbox.foundation.outbox import Attempt, Message
from sandbox.foundation.tenancy import enter
from sandbox.push.webhooks import CHANNEL
from sandbox.resources.audit_events.storage import HEADS
from sandbox.resources.webhooks import service as webhooks
from sandbox.resources.webhooks.model import Webhook
from tests import builders
from tests.sandbox.resources.webhooks.conftest import Acme

pytestmark = [pytest.mark.storage("postgresql")]
MANY = 8


def at_once(app: Flask, *works: Callable[[], Any]) -> list[Any]:
    """Do each in a thread and a session of its own, in the same instant; what one raises is raised here."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        with app.app_context(), enter("acme"):
            barrier.wait(timeout=60)
            return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def test_many_messages_to_one_that_is_gone_settle_without_a_deadlock(app: Flask, acme: Acme) -> None:
    for _ in range(5):
        with acme():
            hook = builders.a_webhook().id
            waiting = [builders.a_delivery(hook).id for _ in range(MANY)]
        gone = Attempt(outbox.REFUSED, 410, "it answered with status 410")

        def settle(message_id: str) -> Callable[[], None]:
            return lambda: outbox.note(message_id, CHANNEL, gone)

        at_once(app, *map(settle, waiting))
        with acme():
            assert db.session.get(Webhook, ("acme", hook)).status == "disabled"
            found = db.session.scalars(select(Message.status).where(Message.subject == hook))
            assert sorted(found) == ["cancelled"] * (MANY - 1) + ["dead"]


def test_webhook_is_watched_for_although_another_goes_at_the_same_time(app: Flask, acme: Acme) -> None:
    def go(webhook_id: str) -> Callable[[], Any]:
        return lambda: webhooks.delete(webhook_id)

    def come(number: int) -> Callable[[], Any]:
        return lambda: webhooks.create(url=f"https://hooks.acme.example/new/{number}", events=[])

    for number in range(10):
        with acme():
            first = builders.a_webhook().id
        at_once(app, go(first), come(number))
        with acme():
            watched = db.session.scalar(select(HEADS.c.is_watched).where(HEADS.c.tenant_id == "acme"))
            assert watched is True, number
            (left,) = db.session.scalars(select(Webhook.id))
            webhooks.delete(left)
