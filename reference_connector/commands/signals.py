"""SIGINT and SIGTERM become `Stopped`, which ends a run with its state kept and exit code 5."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from reference_connector.errors import Stopped


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in the block when the process is asked to stop; a second request is left to the system.

    Raising at any instruction is safe here, because every write of a run survives even a kill (`sync.checkpoint`).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Stopped(
        f"stopped by {signal.Signals(number).name}",
        code="stopped",
        remedy="run the same command again: it continues from the last page",
    )
