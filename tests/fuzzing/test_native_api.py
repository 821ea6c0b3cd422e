"""Every check of schemathesis on every operation of the native API: examples, borders, chance, and one after another.

A quick run; `HARBOR_FUZZ_EXAMPLES=200 pytest tests/fuzzing` looks longer, and `HARBOR_FUZZ_SEED` elsewhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from sandbox.access.scopes import API
from tests.live import serving

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("schemathesis")
EXAMPLES = os.environ.get("HARBOR_FUZZ_EXAMPLES", "2")  # noqa: TID251
SEED = os.environ.get("HARBOR_FUZZ_SEED", "1")  # noqa: TID251
READ_ONLY = "users:read groups:read"
ALL = ("--phases", "examples,coverage,fuzzing,stateful")
LITTLE = ("--phases", "coverage", "--include-path-regex", "^/v1/")  # The dialects ask for the same scopes.


@pytest.mark.sockets
@pytest.mark.enable_socket
@pytest.mark.parametrize("scope", [" ".join(API), READ_ONLY], ids=["everything", "little"])
def test_fuzzer_finds_nothing(tmp_path: Path, scope: str) -> None:
    """Neither with a token for everything nor with one for little, whose answers are 403 where they must be."""
    with serving(f"sqlite:///{tmp_path / 'mini.sqlite'}", tmp_path, workers=1, rate_limit="100000000/minute") as url:
        token = _token(url, scope)
        done = subprocess.run(
            [
                *[COMMAND, "run", f"{url}/openapi.json", "--header", f"Authorization: Bearer {token}"],
                *["--checks", "all", "--exclude-checks", "positive_data_acceptance"],
                *(LITTLE if scope == READ_ONLY else ALL),
                *["--max-examples", EXAMPLES, "--seed", SEED, "--workers", "1", "--no-color"],
            ],
            env={**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks_of_schemathesis"},  # noqa: TID251
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Errors:" not in done.stdout


def _token(url: str, scope: str) -> str:
    """Register a client for the scope, and sign it in."""
    metadata = {"client_name": "Fuzzer", "grant_types": ["client_credentials"], "scope": scope}
    initial = {"Authorization": "Bearer harbor-registration"}
    made = httpx2.post(f"{url}/oauth/register", json=metadata, headers=initial).raise_for_status().json()
    client = (made["client_id"], made["client_secret"])
    asked = httpx2.post(f"{url}/oauth/token", data={"grant_type": "client_credentials"}, auth=client)
    return str(asked.raise_for_status().json()["access_token"])
