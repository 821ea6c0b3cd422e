"""Clients of Node that nobody here wrote, through every flow that they know and we offer."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.interop.conftest import FOLDER

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket, pytest.mark.node]


@pytest.mark.parametrize("suite", sorted(path.name for path in FOLDER.glob("*.test.mjs")))
def test_suite_of_a_client_passes_whole(suite: str, node: str, live_server: str, guarded: dict[str, str]) -> None:
    """None fails, none is skipped, and there are some: a suite that did not run is no proof."""
    environment = {**os.environ, **guarded, "ISSUER": live_server}  # noqa: TID251
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", suite],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    counted = {name: int(number) for name, number in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.M)}
    assert done.returncode == 0, done.stdout + done.stderr
    assert counted["pass"] == counted["tests"] > 3
