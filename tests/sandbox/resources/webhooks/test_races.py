"""Many at once, on PostgreSQL: nobody waits in a circle, and what one does another does not undo."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.foundation import outbox
from sandbox.foundation.database import db
from sandbox.foundation.outbox import Attempt, Message
from sandbox.foundation.problems import Conflict
from sandbox.foundation.tenancy import enter
from sandbox.push import service
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

        at_once(app, *(partial(outbox.note, message_id, CHANNEL, gone) for message_id in waiting))
        with acme():
            assert db.session.get(Webhook, ("acme", hook)).status == "disabled"
            found = db.session.scalars(select(Message.status).where(Message.subject == hook))
            assert sorted(found) == ["cancelled"] * (MANY - 1) + ["dead"]


def test_two_who_claim_at_once_get_none_of_the_same(app: Flask, acme: Acme) -> None:
    with acme():
        hook = builders.a_webhook().id
        waiting = {builders.a_delivery(hook).id for _ in range(4 * MANY)}
    claims = at_once(app, *[lambda: outbox.claim(MANY)] * 3)
    taken = [message_id for claimed in claims for message_id in claimed]
    assert len(taken) == len(set(taken)) >= MANY
    with acme():
        left = outbox.claim(4 * MANY)
    assert sorted([*taken, *left]) == sorted(waiting)


def test_switching_off_while_messages_settle_waits_for_nobody_in_a_circle(app: Flask, acme: Acme) -> None:
    """An administrator holds the webhook and wants its messages, a sender holds a message and wants its webhook."""
    heard = Attempt(outbox.DELIVERED, 204)
    for _ in range(5):
        with acme():
            hook = builders.a_webhook().id
            waiting = [builders.a_delivery(hook).id for _ in range(MANY)]
        settling = [partial(outbox.note, message_id, CHANNEL, heard) for message_id in waiting]
        at_once(app, *settling, partial(webhooks.update, hook, status="disabled"))
        with acme():
            found = set(db.session.scalars(select(Message.status).where(Message.subject == hook)))
        assert found <= {"delivered", "cancelled"}


def test_claiming_while_messages_are_cancelled_waits_for_nobody_in_a_circle(app: Flask, acme: Acme) -> None:
    for _ in range(5):
        with acme():
            hook = builders.a_webhook().id
            for _ in range(4 * MANY):
                builders.a_delivery(hook)
        at_once(app, *[lambda: outbox.claim(4 * MANY)] * 3, partial(webhooks.delete, hook))
        with acme():
            assert set(db.session.scalars(select(Message.status))) == {"cancelled"}


def test_message_that_is_sent_again_by_two_at_once_is_sent_again_once(app: Flask, acme: Acme) -> None:
    with acme():
        hook = builders.a_webhook().id
        message_id = builders.a_delivery(hook, status="dead").id

    def again() -> bool:
        try:
            return service.redeliver(hook, message_id).status == "pending"
        except Conflict:
            return False

    assert sorted(at_once(app, *[again] * MANY)) == [False] * (MANY - 1) + [True]


def test_webhook_is_watched_for_although_another_goes_at_the_same_time(app: Flask, acme: Acme) -> None:
    for number in range(10):
        with acme():
            first = builders.a_webhook().id
        come = partial(webhooks.create, url=f"https://hooks.acme.example/new/{number}", events=[])
        at_once(app, partial(webhooks.delete, first), come)
        with acme():
            watched = db.session.scalar(select(HEADS.c.is_watched).where(HEADS.c.tenant_id == "acme"))
            assert watched is True, number
            (left,) = db.session.scalars(select(Webhook.id))
            webhooks.delete(left)
