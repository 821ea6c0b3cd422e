"""A class under load, in small: `python -m bench.classroom` is the same with 30 tenants for a minute."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]


def test_class_under_load_meets_no_error_and_no_leak() -> None:
    command = [sys.executable, "-m", "bench.classroom", "--teams", "5", "--seconds", "3", "--profile", "mini"]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["wrong"]) == (0, [])
    assert told["rows_checked"] > 1000
