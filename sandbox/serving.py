"""Running under gunicorn: one process a core, one thread a process, keep-alive.

One thread, since stdlib sqlite3 gives the interpreter lock up at every row and more threads only contend for it; more
load wants more processes. The ready line is printed when requests are accepted, never before.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


def open_socket(host: str, port: int) -> socket.socket:
    """Listen on host and port, 0 for any free one; raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def loopback_urls(port: int) -> tuple[str, ...]:
    """List the names under which a loopback server is reached by default."""
    return tuple(f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))


class Server(BaseApplication):
    """Gunicorn, configured in code; no configuration file and no GUNICORN_CMD_ARGS can change it."""

    def __init__(self, make_app: Callable[[], Flask], listener: socket.socket, **options: Any) -> None:
        # Handed over: gunicorn closes what it is given, and nobody may close it a second time.
        self.make_app, self.descriptor, self.options = make_app, listener.detach(), options
        super().__init__()  # type: ignore[no-untyped-call]

    def load_config(self) -> None:
        """Hand the options over."""
        configuration: Any = self.cfg
        for name, value in self.options.items():
            configuration.set(name, value)
        configuration.set("bind", [f"fd://{self.descriptor}"])

    def load(self) -> Flask:
        """Build the application, once, before the workers are forked."""
        return self.make_app()


def run(make_app: Callable[[], Flask], listener: socket.socket, **options: Any) -> None:
    """Serve until a signal stops it; `options` are gunicorn's, `workers` and `threads` among them."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host

    def ready(_: Any) -> None:
        print(f"ready: http://{shown}:{port}", flush=True)

    server = Server(
        make_app,
        listener,
        worker_class="gthread",
        preload_app=True,
        keepalive=15,
        graceful_timeout=10,
        loglevel="warning",
        errorlog="-",
        when_ready=ready,
        control_socket_disable=True,
        **options,
    )
    # What was loaded stays: the collector need not walk over it again and again, nor after each few hundred rows of a page.
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)
    server.run()  # type: ignore[no-untyped-call]
