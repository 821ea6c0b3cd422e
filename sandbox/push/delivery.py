"""Sending what waits in the outbox: a few at a time, beside everything else, so that a slow stranger keeps nobody waiting.

The housekeeper says when; one worker's housekeeper works at a time, and a claim keeps a message to itself even so. Only as
much is claimed as there are senders free: a claim that waited for one would run out, and be sent by somebody else as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import count
from threading import Lock
from typing import Any, Final

from flask import Flask, current_app, g

from sandbox.foundation import outbox
from sandbox.foundation.database import release_connection
from sandbox.foundation.housekeeper import Chore, Housekeeper
from sandbox.foundation.outbox import Attempt, Channel, Message
from sandbox.foundation.tenancy import current_tenant_id, enter

log = logging.getLogger("sandbox")

SENDERS: Final = 8

Work = Callable[[], None]
_KEY = "push"


class Delivery:
    """The senders of one application; `beside` runs work beside the caller, `on_free` hears that more can be sent."""

    def __init__(
        self,
        channels: Iterable[Channel],
        *,
        beside: Callable[[Work], Any] | None = None,
        on_free: Work = lambda: None,
    ) -> None:
        self.channels = {channel.kind: channel for channel in channels}
        self.beside, self.on_free = beside or self._in_thread, on_free
        self._threads = ThreadPoolExecutor(SENDERS, thread_name_prefix="push")
        self._lock, self._free, self._more_waits, self._is_open = Lock(), SENDERS, False, True
        self._turns, self._served = count(1), dict[str, int]()

    def close(self) -> None:
        """Let what is on its way arrive, and begin nothing more."""
        self._is_open = False
        self._threads.shutdown(wait=True)

    def queue(self, due: Iterable[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
        """Put tenants in the order of their turns: who was served longest ago goes first."""
        return sorted(due, key=lambda waiting: self._served.get(waiting[0], 0))

    def send(self, tenant_id: str, claim: Callable[[int], Sequence[str]], send: Callable[[str], None]) -> None:
        """Send what `claim` gives, up to half of the senders that are free: some are left for the next tenant."""
        with self._lock:
            most = left = (self._free + 1) // 2 if self._is_open else 0
            self._free -= most
        try:
            claimed = claim(most) if most else ()
            self._more_waits = len(claimed) == most
            for message_id in claimed:
                self._served[tenant_id] = next(self._turns)
                self.beside(partial(self._work, partial(send, message_id)))
                left -= 1
        finally:
            self._give_back(left)

    def _work(self, work: Work) -> None:
        try:
            work()
        finally:
            self._give_back(1)
            if self._more_waits:
                self.on_free()

    def _give_back(self, number: int) -> None:
        with self._lock:
            self._free += number

    def _in_thread(self, work: Work) -> None:
        self._threads.submit(work)


def install(app: Flask, housekeeper: Housekeeper, channels: Sequence[Channel]) -> None:
    """Let an application send what waits; its housekeeper is woken by whatever is written to the outbox."""
    app.extensions[_KEY] = Delivery(channels, on_free=housekeeper.wake)
    housekeeper.chores = (*housekeeper.chores, Chore("outbox", _due, send_due, by_wall=True))
    outbox.use_waker(_wake)


def send_due() -> None:
    """Send what waits in the present tenant and is due, as far as there are senders; the rest has its turn soon."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    tenant_id = current_tenant_id()
    _delivery().send(tenant_id, outbox.claim, partial(_send, app, tenant_id))


def _due() -> list[tuple[str, datetime]]:
    return _delivery().queue(outbox.due())


def _send(app: Flask, tenant_id: str, message_id: str) -> None:
    try:
        with app.app_context(), enter(tenant_id) as g.tenant:
            message = outbox.find(message_id)
            if message is None or message.status != "pending":
                return
            channel = app.extensions[_KEY].channels[message.kind]
            release_connection()
            outbox.note(message_id, channel, _attempt(channel, message))
    except Exception:  # Nobody waits for this thread. The claim runs out, and somebody tries again.
        log.exception("message %s of tenant %s was not sent", message_id, tenant_id)


def _attempt(channel: Channel, message: Message) -> Attempt:
    """Try once; a defect of ours counts as an attempt, so that what it strikes comes to an end like everything else."""
    try:
        return channel.send(message)
    except Exception:
        log.exception("message %s of tenant %s could not be sent", message.id, message.tenant_id)
        return Attempt(outbox.FAILED, error="the sender failed; its log tells why")


def _delivery() -> Delivery:
    delivery: Delivery = current_app.extensions[_KEY]
    return delivery


def _wake() -> None:
    current_app.extensions["housekeeper"].wake()
