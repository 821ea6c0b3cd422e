"""The ledger behind two workers, one of which dies, and behind a server that dies."""

from __future__ import annotations

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sandbox.lab.ledger.observer import SECONDS_BETWEEN
from tests.live import serving
from tests.sandbox.oauth.journey import CONNECTOR

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]

PAGES = 40


@pytest.fixture
def database(seeded_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(seeded_file, tmp_path / "mini.sqlite"))


def headers(url: str) -> dict[str, str]:
    form = {"grant_type": "client_credentials"}
    token = httpx2.post(f"{url}/oauth/token", data=form, auth=CONNECTOR, timeout=60).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def read(url: str, allowed: dict[str, str]) -> None:
    """Ask over a connection of its own, so that either worker may answer."""
    httpx2.get(f"{url}/v1/audit-events?order=asc&limit=10", headers=allowed, timeout=60).raise_for_status()


def stream(url: str) -> dict[str, Any]:
    told = httpx2.get(f"{url}/_lab/ledger?client_id=demo-connector", timeout=60).json()
    assert told["lost_notes"] == 0
    (only,) = told["streams"]
    return dict(only)


def a_worker_of(folder: Path) -> int:
    """A process whose parent leads the server that runs in this folder."""
    stats = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):  # Processes come and go, and those of others are not ours to look into.
            if entry.name.isdigit() and (entry / "cwd").resolve(strict=True) == folder:
                stats[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return next(pid for pid, parent in stats.items() if parent in stats)


def test_two_workers_keep_one_ledger_and_a_worker_that_dies_takes_nothing_along(database: Path, tmp_path: Path) -> None:
    with serving(str(database), tmp_path) as url:
        allowed = headers(url)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: read(url, allowed), range(PAGES)))
        os.kill(a_worker_of(tmp_path), signal.SIGKILL)
        counted = stream(url)
        assert (counted["requests"], counted["over_fetched"]) == (PAGES, (PAGES - 1) * 10)
        time.sleep(SECONDS_BETWEEN + 0.1)
        read(url, allowed)
        assert stream(url)["requests"] == PAGES + 1


def test_idle_server_writes_down_what_it_noted(database: Path, tmp_path: Path) -> None:
    """Within the time of the bound that the page promises, without another request."""
    with serving(str(database), tmp_path, workers=1) as url:
        read(url, headers(url))
        time.sleep(7)
    (tmp_path / "again").mkdir()
    with serving(str(database), tmp_path / "again", workers=1) as url:
        assert stream(url)["requests"] == 1
