"""Sending what waits in the outbox: a few at a time, beside everything else, so that a slow stranger keeps nobody waiting.

The housekeeper says when; one worker's housekeeper works at a time, and a claim keeps a message to itself even so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from flask import Flask, current_app, g

from sandbox.foundation import outbox
from sandbox.foundation.database import release_connection
from sandbox.foundation.housekeeper import Chore, Housekeeper
from sandbox.foundation.outbox import Channel
from sandbox.foundation.tenancy import current_tenant_id, enter

log = logging.getLogger("sandbox")

SENDERS: Final = 4
MOST: Final = 20
"""Messages of one tenant that are claimed at a time: what four senders send within a claim, however slow the others are."""

Work = Callable[[], None]
_KEY = "push"


class Delivery:
    """The senders of one application; `beside` runs work beside the caller."""

    def __init__(self, channels: Sequence[Channel], beside: Callable[[Work], Any] | None = None) -> None:
        self.channels = {channel.kind: channel for channel in channels}
        self.beside = beside or self._in_thread
        self._threads = ThreadPoolExecutor(SENDERS, thread_name_prefix="push")

    def close(self) -> None:
        """Let what is on its way arrive, and begin nothing more."""
        self._threads.shutdown(wait=True)

    def _in_thread(self, work: Work) -> None:
        self._threads.submit(work)


def install(app: Flask, housekeeper: Housekeeper, channels: Sequence[Channel]) -> None:
    """Let an application send what waits; its housekeeper is woken by whatever is written to the outbox."""
    app.extensions[_KEY] = Delivery(channels)
    housekeeper.chores = (*housekeeper.chores, Chore("outbox", outbox.due, send_due, by_wall=True))
    outbox.use_waker(_wake)


def send_due() -> None:
    """Send what waits in the present tenant and is due."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    delivery: Delivery = app.extensions[_KEY]
    for message_id in outbox.claim(MOST):
        delivery.beside(partial(_send, app, current_tenant_id(), message_id))


def _send(app: Flask, tenant_id: str, message_id: str) -> None:
    try:
        with app.app_context(), enter(tenant_id) as g.tenant:
            message = outbox.find(message_id)
            if message is None or message.status != "pending":
                return
            channel = app.extensions[_KEY].channels[message.kind]
            release_connection()
            outbox.note(message_id, channel, channel.send(message))
    except Exception:  # Nobody waits for this thread. The claim runs out, and somebody tries again.
        log.exception("message %s of tenant %s was not sent", message_id, tenant_id)


def _wake() -> None:
    current_app.extensions["housekeeper"].wake()
