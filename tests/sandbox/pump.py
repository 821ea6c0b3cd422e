"""Sending what waits in the outbox inside a test: at once, without threads and pauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from sandbox.foundation import outbox, tenancy
from sandbox.foundation.database import release_connection
from sandbox.http.outbound import Fetched, OutboundFailed
from sandbox.push.delivery import Delivery, send_due


class Wire:
    """A way out that leads nowhere: it keeps what was sent, and answers as it was told, 200 in the end.

    An answer is a status, a `Fetched`, or a text: the reason why there is none.
    """

    def __init__(self, *answers: int | str | Fetched) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, dict[str, str], bytes]] = []

    def judge(self, url: str) -> None:
        """Let everything pass."""

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Fetched:
        release_connection()
        self.sent.append((method, url, dict(headers), body or b""))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, str):
            raise OutboundFailed(answer)
        return answer if isinstance(answer, Fetched) else Fetched(answer, "", {}, b"")


def connect(app: Flask, patch: pytest.MonkeyPatch, *answers: int | str | Fetched, at_once: bool = True) -> Wire:
    """Give an application such a way out; `at_once` sends whatever is written down before the request ends."""
    wire = Wire(*answers)
    patch.setitem(app.extensions, "outbound", wire)
    patch.setitem(app.extensions, "push", without_pauses(app))
    if at_once:
        patch.setattr(outbox, "_waker", [lambda: pump(app)])
    return wire


def without_pauses(app: Flask) -> Delivery:
    """Make senders that send where they stand, and try again at once."""
    channels = [
        replace(channel, pauses=[timedelta(0)] * len(channel.pauses))
        for channel in app.extensions["push"].channels.values()
    ]
    return Delivery(channels, beside=lambda work: work())


@contextmanager
def senders_of_its_own(app: Flask, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send from threads, which have come to their end afterwards; the application is shared, and keeps its own."""
    delivery = Delivery(app.extensions["push"].channels.values())
    patch.setitem(app.extensions, "push", delivery)
    yield
    delivery.close()


def pump(app: Flask, tenant_id: str = "acme", *, rounds: int = 20) -> None:
    """Send what waits in a tenant, again and again, until nothing is due."""
    for _ in range(rounds):
        with app.app_context(), tenancy.enter(tenant_id):
            if not outbox.due():
                return
            send_due()
