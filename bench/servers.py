"""Servers under measurement: started on free ports, their CPU read from the kernel, stopped at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,  # noqa: TID251 - handed on to the servers
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "SANDBOX_RATE_LIMIT": "100000000/minute",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, the process that leads it, and how long it took to be ready."""

    url: str
    pid: int
    seconds_to_ready: float

    def cpu_seconds(self) -> float:
        """Tell the CPU time that it and its workers used so far."""
        return sum(_cpu(pid) for pid in (self.pid, *_children(self.pid)))


@contextmanager
def sandbox(database: Path, profile: str = "small") -> Iterator[Server]:
    """Serve a database as `make serve` does."""
    command = [BIN / "sandbox", "serve", "--port", "0", "--database", database, "--profile", profile]
    with _running(command, ready="ready: ") as server:
        yield server


@contextmanager
def constant() -> Iterator[Server]:
    """Serve the constant application with the same worker class and number."""
    program = (
        "from sandbox import serving; from bench.constant import app;"
        "serving.run(lambda: app, serving.open_socket('127.0.0.1', 0), workers=1, threads=1)"
    )
    with _running([sys.executable, "-c", program], ready="ready: ") as server:
        yield server


@contextmanager
def _running(command: list[object], *, ready: str) -> Iterator[Server]:
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=quiet, text=True, env=ENVIRONMENT
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith(ready):
            raise RuntimeError(f"{command[0]} did not start")
        yield Server(line.removeprefix(ready).strip(), process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(timeout=15)


def _cpu(pid: int) -> float:
    """Add up what the scheduler gave each thread, in nanoseconds: `stat` counts in hundredths of a second only."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
