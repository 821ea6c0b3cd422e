"""A live server as `sandbox serve` runs it, with two workers, and the node packages of the clients beside it.

Nothing is faked: other processes, real sockets, the seeded development identities.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import live

FOLDER = Path(__file__).parent
UNDER_CI = os.environ.get("CI") == "true"  # noqa: TID251


@pytest.fixture(scope="session")
def live_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of its database."""
    return f"sqlite:///{tmp_path_factory.mktemp('live')}/harbor.sqlite"


@pytest.fixture(scope="session")
def live_server(live_database: str) -> Iterator[str]:
    """The address of a sandbox with the smallest company, in two processes."""
    folder = Path(live_database.removeprefix("sqlite:///")).parent
    with live.serving(live_database, folder, registration="open") as url:  # As clients of MCP expect it.
        yield url


@pytest.fixture(scope="session")
def guarded(live_server: str, live_database: str) -> dict[str, str]:
    """An API of somebody else, which a client of ours guards: where it will be, and how its guard introduces itself."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        resource = f"http://127.0.0.1:{free.getsockname()[1]}/mcp"
    options = ("--auth-method", "client_secret_basic", "--secret", "guard-secret", "--grant-type", "client_credentials")
    live.client(live_database, "--client-id", "guard", *options, "--scope", "users:read", "--resource", resource)
    return {"RESOURCE": resource, "RESOURCE_SERVER": "guard:guard-secret"}


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with the packages of `package.json` installed."""
    found = shutil.which("node")
    is_complete = all((FOLDER / "node_modules" / name).is_dir() for name in ("openid-client", "oauth4webapi", "jose"))
    if found is None or not is_complete:
        missing = "node is not here" if found is None else "npm install --no-package-lock was not run in tests/interop"
        assert not UNDER_CI, missing
        pytest.skip(missing)
    return found
