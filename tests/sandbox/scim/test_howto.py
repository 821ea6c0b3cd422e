"""The page about provisioning runs as it stands, against a server on a socket."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.lab.conftest import seeded_file

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]
__all__ = ["seeded_file"]

HOWTO = Path(__file__).parents[3] / "docs/howto/provision-with-scim.md"


@pytest.fixture
def url(seeded_file: Path, tmp_path: Path) -> Iterator[str]:
    database = tmp_path / "mini.sqlite"
    shutil.copyfile(seeded_file, database)
    command = [sys.executable, "-m", "sandbox.cli", "serve", "--port", "0", "--database", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("ready: "), process.stderr
            yield ready.removeprefix("ready: ").strip()
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.mark.control("IAM-SaaS-09", call="/scim/v2")
def test_howto_runs_as_it_stands(url: str) -> None:
    """Every block of the page in one shell; what it promises to print is printed."""
    blocks = re.findall(r"```(sh|text)\n(.*?)```", HOWTO.read_text(), re.S)
    script = "set -eu\n" + "".join(f"{text}\necho '--- end of block'\n" for kind, text in blocks if kind == "sh")
    surroundings = {**os.environ, "URL": url}  # noqa: TID251 - handed on to the shell
    done = subprocess.run(["bash", "-c", script], env=surroundings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    printed = done.stdout.split("--- end of block\n")
    shells = [kind for kind, _ in blocks if kind == "sh"]
    promised = [(place, text) for place, (kind, text) in enumerate(blocks) if kind == "text"]
    for place, text in promised:
        number = len([kind for kind, _ in blocks[:place] if kind == "sh"]) - 1
        assert printed[number] == text
    assert len(promised) >= len(shells) - 1
