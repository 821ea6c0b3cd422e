"""The pytest plugin: `sandbox` is the whole vendor in the process of the test, `sandbox_server` the same on a port.

    def test_my_connector_reads_everything(sandbox_server):
        my_connector.sync(sandbox_server.url)
        assert sandbox_server.ledger()["is_complete"]

Installed with the package. Each process of a run has a database of its own, so that tests may run in parallel; each test
begins with the seeded company of profile mini and a clock that starts at its end.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2
    from flask import Flask

PROFILE, SEED = "mini", 7
IN_PROCESS = "http://localhost"
CLIENT, SECRET = "demo-connector", "demo-connector-secret"


class LabRefused(AssertionError):
    """The lab refused what a test asked of it; the message is that of the lab."""


class Sandbox:
    """A vendor to test against. `url` is where it answers: on a port of loopback, or in this process only."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app, self.url = app, url
        self.clock, self.faults = Clock(self), Faults(self)

    def client(
        self, client_id: str | None = CLIENT, secret: str = SECRET, *, scope: str | None = None
    ) -> httpx2.Client:
        """Give an HTTP client with an access token for `client_id`, or without any for None; it needs no socket."""
        import httpx2

        http = httpx2.Client(transport=httpx2.WSGITransport(app=self.app), base_url=self.url)
        if client_id is not None:
            form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
            answer = http.post("/oauth/token", data=form, auth=(client_id, secret))
            if answer.status_code != 200:
                raise LabRefused(f"{client_id} gets no token: {answer.text}")
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return http

    def ledger(self, client_id: str = CLIENT, **query: Any) -> dict[str, Any]:
        """Score what a client was served: see `GET /_lab/ledger`."""
        return self.lab("GET", "ledger", params={"client_id": client_id, **query})

    def truth(self) -> list[dict[str, Any]]:
        """Tell which events belong to an attack."""
        import orjson

        return [orjson.loads(line) for line in self._ask("GET", "truth").text.splitlines()]

    def scenario(self, scenario_id: str, **options: Any) -> dict[str, Any]:
        """Play an attack or a confuser: see `POST /_lab/scenarios/{id}/run`."""
        return self.lab("POST", f"scenarios/{scenario_id}/run", json=options)

    def snapshot(self, name: str) -> dict[str, Any]:
        """Keep the present state under a name."""
        return self.lab("POST", "snapshots", json={"name": name})

    def restore(self, name: str) -> dict[str, Any]:
        """Go back to a snapshot."""
        return self.lab("POST", f"snapshots/{name}/restore")

    def reset(self, *resources: str) -> None:
        """Go back to the seeded company, or only in some resources; access tokens from before are void."""
        self.lab("POST", "reset", json={"resources": list(resources)} if resources else {})

    def lab(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        """Ask anything of the lab, below `/_lab`; raises LabRefused."""
        answer = self._ask(method, path, **given)
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told

    def _ask(self, method: str, path: str, **given: Any) -> httpx2.Response:
        with self.client(None) as http:
            answer = http.request(method, f"/_lab/{path}", **given)
        if not answer.is_success:
            problem = answer.json()
            wrong = "; ".join(f"{one['pointer']}: {one['detail']}" for one in problem.get("errors", ()))
            raise LabRefused(f"{method} /_lab/{path}: {problem['detail']} {wrong}".strip())
        return answer


@dataclasses.dataclass(frozen=True, slots=True)
class Clock:
    """Business time of the company."""

    sandbox: Sandbox

    @property
    def now(self) -> datetime:
        """Tell it."""
        return datetime.fromisoformat(self.sandbox.lab("GET", "clock")["now"])

    def freeze(self) -> None:
        """Let it stand still."""
        self.run(0)

    def run(self, rate: float = 1.0) -> None:
        """Let so many of its seconds pass in one."""
        self.sandbox.lab("PUT", "clock", json={"rate": rate})

    def travel(self, to: datetime | timedelta) -> None:
        """Go to a moment, or by a span; forward only."""
        moment = self.now + to if isinstance(to, timedelta) else to
        self.sandbox.lab("PUT", "clock", json={"now": moment.isoformat()})


@dataclasses.dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on demand; `GET /_lab/faults/catalog` lists the kinds."""

    sandbox: Sandbox

    def add(self, kind: str, *, when: dict[str, Any] | None = None, **parameters: Any) -> str:
        """Set a fault with its parameters, and tell its id; `when` has client_id, route, count, every, after and so on."""
        body = {"kind": kind, "parameters": parameters, **(when or {})}
        return str(self.sandbox.lab("POST", "faults", json=body)["id"])

    def fired(self, fault_id: str) -> int:
        """Tell how often a fault has fired."""
        return int(self.sandbox.lab("GET", f"faults/{fault_id}")["fired"])

    def clear(self) -> None:
        """Take all faults away."""
        self.sandbox.lab("DELETE", "faults")


@pytest.fixture(scope="session")
def _harbor_in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with _application(tmp_path_factory.mktemp("harbor"), (IN_PROCESS,)) as app:
        yield Sandbox(app, IN_PROCESS)


@pytest.fixture(scope="session")
def _harbor_on_a_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    from werkzeug.serving import WSGIRequestHandler, make_server

    from sandbox.serving import loopback_urls, open_socket

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: object) -> None:
            """Say nothing."""

    listener = open_socket("127.0.0.1", 0)
    urls = loopback_urls(listener.getsockname()[1])
    with _application(tmp_path_factory.mktemp("harbor"), urls) as app, listener:
        server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno(), request_handler=Quiet)
        thread = threading.Thread(target=server.serve_forever, name="harbor", daemon=True)
        thread.start()
        try:
            yield Sandbox(app, urls[0])
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def sandbox(_harbor_in_process: Sandbox) -> Sandbox:
    """The vendor in this process, as it was seeded; `sandbox.client()` needs no socket."""
    _harbor_in_process.reset()
    return _harbor_in_process


@pytest.fixture
def sandbox_server(_harbor_on_a_port: Sandbox) -> Sandbox:
    """The vendor on a free port of loopback, as it was seeded: for connectors that bring their own HTTP."""
    _harbor_on_a_port.reset()
    return _harbor_on_a_port


@contextmanager
def _application(folder: Path, urls: tuple[str, ...]) -> Iterator[Flask]:
    from sandbox.app import create_app
    from sandbox.foundation.database import db
    from sandbox.settings import Settings

    database = folder / "harbor.sqlite"
    shutil.copyfile(_seeded(), database)
    terms = {"profile": PROFILE, "seed": SEED, "public_urls": urls}
    app = create_app(Settings(database_url=f"sqlite:///{database}", **terms))  # type: ignore[arg-type]
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def _seeded() -> Path:
    """Give the seeded database of this version: made once, and kept in the cache of the user."""
    cache = Path.home() / ".cache/harbor-sandbox"
    kept = cache / f"{PROFILE}-{SEED}-{_version()}.sqlite"
    if kept.exists():
        return kept
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # No home, or none that can be written: made anew for each run.
        cache = Path(tempfile.mkdtemp(prefix="harbor-"))
        kept = cache / kept.name
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        making = Path(folder) / "harbor.sqlite"
        _seed(making)
        making.replace(kept)  # Whoever else makes one meanwhile makes the same.
    return kept


def _seed(database: Path) -> None:
    from sandbox.app import create_app
    from sandbox.foundation.database import db
    from sandbox.foundation.server_facts import prepare_schema
    from sandbox.lab.population import populate
    from sandbox.settings import Settings

    settings = Settings(database_url=f"sqlite:///{database}", profile=PROFILE, seed=SEED)
    with create_app(settings).app_context():
        prepare_schema()
        populate(settings)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def _version() -> str:
    """Tell what the seeded data and its tables follow from: the files of this program, by name, size and time."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for folder in (root / "seed", root / "sandbox"):
        for found, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                if not name.endswith(".pyc"):
                    facts = (Path(found) / name).stat()
                    digest.update(f"{found}/{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
