"""Runs a command with what some tests need: PostgreSQL, Redis, Chromium, and Node with the packages of tests/interop.

    python scripts/with_services.py pytest tests

Each is used where it is, installed where this runs as root on Debian, and otherwise reported in a loud line, after which
its tests skip. Under `CI=true` nothing may be missing. What was started here is stopped here.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

UNDER_CI = os.environ.get("CI") == "true"  # noqa: TID251 - a tool's own entry
POSTGRES = "postgresql+psycopg://{user}@127.0.0.1:{port}/{database}"


def main() -> int:
    """Provide the services, run the command, tell its exit code."""
    environment = dict(os.environ)  # noqa: TID251 - handed on to the command
    with ExitStack() as stack:
        for name, provide in (("PostgreSQL", postgres), ("Redis", redis), ("Chromium", chromium), ("Node", node)):
            found = stack.enter_context(provide())
            if found is None:
                print(f"\n*** {name} is not here and cannot be installed: its tests are SKIPPED ***\n", flush=True)
                if UNDER_CI:
                    print("Under CI nothing may be skipped.", flush=True)
                    return 1
            else:
                environment.update(found)
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


@contextmanager
def postgres() -> Iterator[dict[str, str] | None]:
    """Find a server that lets us in without a password, or run a private one."""
    if "HARBOR_TEST_POSTGRES" in os.environ:  # noqa: TID251 - given by the caller
        yield {}
        return
    if (url := _running_postgres()) is not None:
        yield {"HARBOR_TEST_POSTGRES": url}
        return
    binaries = _postgres_binaries() or (_install("postgresql") and _postgres_binaries()) or None
    if binaries is None or os.geteuid() != 0:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="harbor-pg-") as folder, _own_cluster(Path(binaries), Path(folder)) as url:
        yield {"HARBOR_TEST_POSTGRES": url}


@contextmanager
def _own_cluster(binaries: Path, folder: Path) -> Iterator[str]:
    shutil.chown(folder, "postgres")
    folder.chmod(0o700)
    port, data = _free_port(), folder / "data"

    def as_postgres(*command: object) -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(["runuser", "-u", "postgres", "--", *map(str, command)], check=True, stdout=quiet, cwd="/")

    as_postgres(binaries / "initdb", "--auth=trust", "--username=postgres", "--pgdata", data)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
    as_postgres(binaries / "pg_ctl", "--pgdata", data, "--wait", "--log", folder / "log", "--options", options, "start")
    try:
        yield POSTGRES.format(user="postgres", port=port, database="postgres")
    finally:
        as_postgres(binaries / "pg_ctl", "--pgdata", data, "--mode", "fast", "stop")


def _running_postgres() -> str | None:
    import psycopg

    for user, database in (("postgres", "test"), ("postgres", "postgres")):
        try:
            psycopg.connect(host="127.0.0.1", user=user, dbname=database, connect_timeout=2).close()
        except psycopg.OperationalError:
            continue
        return POSTGRES.format(user=user, port=5432, database=database)
    return None


def _postgres_binaries() -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return str(found[-1].parent) if found else None


@contextmanager
def redis() -> Iterator[dict[str, str] | None]:
    """Find a server, or run a private one."""
    if "HARBOR_TEST_REDIS" in os.environ or _listens(6379):  # noqa: TID251 - given by the caller
        yield {}
        return
    binary = shutil.which("redis-server") or (_install("redis-server") and shutil.which("redis-server")) or None
    if binary is None:
        yield None
        return
    port = _free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            yield {"HARBOR_TEST_REDIS": f"redis://127.0.0.1:{port}"}
        finally:
            server.terminate()


@contextmanager
def chromium() -> Iterator[dict[str, str] | None]:
    """Find the browser, or install it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and _install("chromium"):
        found = shutil.which("chromium")
    yield {"HARBOR_TEST_CHROMIUM": found} if found else None


@contextmanager
def node() -> Iterator[dict[str, str] | None]:
    """Find Node and npm, or install them, and install what `tests/interop/package.json` pins."""
    tools = ("node", "npm")
    if not all(map(shutil.which, tools)):
        _install("npm")
    is_there = all(map(shutil.which, tools)) and _install_packages(Path(__file__).parents[1] / "tests" / "interop")
    yield {} if is_there else None


def _install_packages(folder: Path) -> bool:
    """Install the pinned packages, unless that was done since they were pinned; no lock file, since it names addresses."""
    done = folder / "node_modules" / ".installed"
    if done.exists() and done.stat().st_mtime > (folder / "package.json").stat().st_mtime:
        return True
    print("installing the node packages of the tests …", flush=True)
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    if subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL).returncode != 0:
        return False
    done.touch()
    return True


def _install(package: str) -> bool:
    """Install a Debian package where that is possible: as root, with apt."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"installing {package} for the tests …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 - for the child
    subprocess.run(["apt-get", "update"], env=environment, **quiet)  # type: ignore[call-overload]
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    return subprocess.run(command, env=environment, **quiet).returncode == 0  # type: ignore[call-overload,no-any-return]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
