"""A sandbox as people run it: `sandbox serve` in its own processes, on a free loopback port, with the smallest company."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BIN = Path(sys.executable).parent


@contextmanager
def serving(database: str, folder: Path, *, workers: int = 2, threads: int = 1, **settings: str) -> Iterator[str]:
    """Serve a database, seeded if it is empty, and give the address; `settings` are those of the server, by field name."""
    command = [BIN / "sandbox", "serve", "--database", database, "--profile", "mini", "--port", "0"]
    numbers = ["--workers", str(workers), "--threads", str(threads)]
    given = {f"SANDBOX_{name.upper()}": value for name, value in settings.items()}
    environment = {**os.environ, "SANDBOX_SIGN_IN_RATE_LIMIT": "1000/minute", **given}  # noqa: TID251
    with (folder / "log").open("w") as log:
        options = {"stdout": subprocess.PIPE, "stderr": log, "text": True, "env": environment, "cwd": folder}
        with subprocess.Popen([*command, *numbers], **options) as server:  # type: ignore[call-overload]
            try:
                ready = next((line for line in server.stdout if line.startswith("ready: ")), None)
                assert ready is not None, (folder / "log").read_text()
                yield ready.removeprefix("ready: ").strip()
            finally:
                server.terminate()


def client(database: str, *options: str) -> None:
    """Register a client as `sandbox client create` does."""
    command = [BIN / "sandbox", "client", "create", "--database", database, *options]
    subprocess.run(command, check=True, capture_output=True, text=True)
