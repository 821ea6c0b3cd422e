"""A second process that works ahead: what it makes is handed over in order, as if it were made here.

For work that splits in two, such as writing out a history and storing it. Without a second core, without `fork` or with
other threads running (a forked copy of a held lock never opens) it is made in this process: slower, and the same.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def made_ahead(make: Callable[[], Iterable[T]]) -> Iterator[Iterator[T]]:
    """Give what `make` yields, made from now on in a process of its own, which ends with the block.

    What it raises is raised here, behind what it yielded before. Everything that is yielded must pickle.
    """
    if not _can_fork():
        yield iter(make())
        return
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(make, receiver, sender), daemon=True)
    process.start()
    sender.close()
    try:
        yield _received(receiver)
    finally:
        receiver.close()
        process.kill()  # It has told everything, or nobody listens any more.
        process.join()


def _can_fork() -> bool:
    """Tell whether a second process is safe and of use; only Linux tells which cores are ours."""
    return hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def _make(make: Callable[[], Iterable[Any]], receiver: Connection, sender: Connection) -> None:
    """Be the second process: send (item, None) each time, (None, error) on failure, (None, None) at the end."""
    gc.disable()  # It lives for one thing and is thrown away whole.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever waits decides.
    receiver.close()
    try:
        for item in make():
            sender.send((item, None))
        sender.send((None, None))
    except BrokenPipeError:
        return  # Nobody listens any more.
    except Exception as error:
        sender.send((None, error))


def _received(receiver: Connection) -> Iterator[Any]:
    while True:
        try:
            item, error = receiver.recv()
        except EOFError:
            raise RuntimeError("The process that worked ahead died; was there enough memory?") from None
        if error is not None:
            raise error
        if item is None:
            return
        yield item
