"""The housekeeper: does what falls due in business time, whether or not anybody asks. One a database, by a lease.

Every worker has one, in a thread that sleeps; the one with the lease works, and if its worker dies another takes over.
Nothing may depend on it: what is due is also done by whoever reads or writes next. It is there so that things happen while
nobody looks.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.foundation import lease
from sandbox.foundation.clock import Clock, wall_now
from sandbox.foundation.tenancy import across_tenants, clocks, enter

log = logging.getLogger("sandbox")

LEASE = timedelta(seconds=30)
SOONEST, LATEST = 1.0, 5.0
"""Seconds between two rounds: other workers add what is due and turn clocks, which nobody tells."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that falls due. `due` tells when, in business time, for all tenants at once; `run` does it in one.

    With `by_wall` it falls due in protocol time: what strangers wait for, whatever a tenant's clock does.
    """

    name: str
    due: Callable[[], Iterable[tuple[str, datetime]]]
    run: Callable[[], object]
    by_wall: bool = False


class Housekeeper:
    """One of the housekeepers of a database; `context` is what the database needs around it."""

    def __init__(self, context: Callable[[], AbstractContextManager[Any]], chores: Sequence[Chore]) -> None:
        self.context, self.chores = context, chores
        self.holder = ""
        self._sure_until = wall_now()
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work in a thread of its own; after a fork, never before."""
        self.holder = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._thread = threading.Thread(target=self._work, name="housekeeper", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have another round at once, since something new is due; for those in the same process."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the present round, and let another have the lease."""
        if self._thread is not None:
            self._stopped.set()
            self._woken.set()
            self._thread.join(timeout=5)

    def round(self) -> float:
        """Do what is due if the lease is ours; tells the seconds until the next round."""
        with self.context():
            with across_tenants("the housekeeper looks after all of them"):
                if not self._has_lease():
                    return LEASE.total_seconds() / 2
                seconds = {(chore, tenant_id): left for chore in self.chores for tenant_id, left in _left(chore)}
            ripe = [place for place, left in seconds.items() if left <= 0]
            for chore, tenant_id in ripe:
                self._run(chore, tenant_id)
        return SOONEST if ripe else max(SOONEST, min([LATEST, *seconds.values()]))

    def _has_lease(self) -> bool:
        """Tell whether we work; the lease is renewed when half of it is over, so that an idle server hardly writes."""
        if wall_now() < self._sure_until:
            return True
        if not lease.take("housekeeper", self.holder, LEASE):
            return False
        self._sure_until = wall_now() + LEASE / 2
        return True

    def _run(self, chore: Chore, tenant_id: str) -> None:
        try:
            with enter(tenant_id):
                chore.run()
        except Exception:  # One failure must not end the others, nor the thread; it is told with all that is known.
            log.exception("housekeeping of tenant %s: %s failed", tenant_id, chore.name)

    def _has_stopped(self, seconds: float) -> bool:
        """Wait for so long, or until somebody wakes us; tells whether that was it."""
        self._woken.wait(seconds)
        self._woken.clear()
        return self._stopped.is_set()

    def _work(self) -> None:
        seconds = SOONEST
        while not self._has_stopped(seconds):
            try:
                seconds = self.round()
            except Exception:
                log.exception("housekeeping waits for another time")
                seconds = LATEST
        with self.context(), across_tenants("the lease is nobody's own"):
            lease.give_back("housekeeper", self.holder)


def _left(chore: Chore) -> Iterable[tuple[str, float]]:
    """Tell for each tenant how many seconds of wall time are left until a chore is due."""
    if chore.by_wall:
        yield from ((tenant_id, (moment - wall_now()).total_seconds()) for tenant_id, moment in chore.due())
        return
    running = clocks()
    for tenant_id, moment in chore.due():
        if tenant_id in running:
            yield tenant_id, _seconds_until(moment, running[tenant_id])


def _seconds_until(moment: datetime, clock: Clock) -> float:
    left = (moment - clock.now()).total_seconds()
    if left <= 0:
        return 0
    return left / clock.rate if clock.rate else math.inf
