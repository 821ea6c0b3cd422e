"""Two worker processes and a real receiver: each event arrives once, and again only where a worker was killed."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from sandbox.foundation.tenancy import across_tenants
from tests import live
from tests.conftest import POSTGRES
from tests.stranger import Stranger, a_stranger

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]
PATIENCE = 60.0
REGISTRATION = {"Authorization": "Bearer harbor-registration"}


class Server:
    """A sandbox with two workers, its database beside it, and a client that may change settings and webhooks.

    Each request has a connection of its own, so that either worker may have it, and none is left with a dead one.
    """

    def __init__(self, address: str, engine: Engine) -> None:
        self.address, self.engine, self.headers = address, engine, dict(REGISTRATION)
        scope = "configuration:read configuration:write webhooks:read webhooks:write"
        client = {"client_name": "Hooks", "grant_types": ["client_credentials"], "scope": scope}
        made = self.ask("POST", "/oauth/register", json=client).json()
        basic, form = (made["client_id"], made["client_secret"]), {"grant_type": "client_credentials"}
        answer = requests.post(f"{address}/oauth/token", data=form, auth=basic, timeout=60)
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        setting = "/v1/configuration/webhooks.https_required"
        etag = self.ask("GET", setting).headers["ETag"]
        self.ask("PATCH", setting, headers={"If-Match": etag}, json={"value": False})

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any
    ) -> requests.Response:
        together = {**self.headers, **(headers or {})}
        answer = requests.request(method, self.address + path, headers=together, timeout=60, **given)
        assert answer.ok, answer.text
        return answer

    def hook(self, url: str) -> str:
        return str(self.ask("POST", "/v1/webhooks", json={"url": url, "events": ["webhook.*"]}).json()["id"])

    def ping(self, hook: str) -> str:
        return str(self.ask("POST", f"/v1/webhooks/{hook}/test").json()["id"])

    def deliveries(self, hook: str) -> dict[str, dict[str, Any]]:
        found = self.ask("GET", f"/v1/webhooks/{hook}/deliveries?limit=200").json()["data"]
        return {one["id"]: one for one in found}

    def kill_the_sender(self) -> None:
        """Kill the worker whose housekeeper works."""
        with self.engine.begin() as connection:
            holder = connection.execute(text("SELECT holder FROM leases WHERE name = 'housekeeper'")).scalar_one()
        os.kill(int(holder.partition("-")[0]), signal.SIGKILL)

    def let_a_minute_pass(self) -> None:
        """Let the lease and the claims of whoever is dead run out."""
        with across_tenants("the test owns the server"), self.engine.begin() as connection:
            connection.execute(text("DELETE FROM leases"))
            connection.execute(text("UPDATE outbox SET next_at = 0 WHERE status = 'pending'"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param == "sqlite":
        url, schema = f"sqlite:///{tmp_path / 'mini.sqlite'}", None
    else:
        request.getfixturevalue("postgres_schema")
        schema = f"h_{uuid.uuid4().hex[:12]}"
        url = f"{POSTGRES}?options=-csearch_path%3D{schema}"
    admin = create_engine(POSTGRES)
    if schema:
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine = create_engine(url)
    try:
        with live.serving(url, tmp_path, workers=2, threads=4) as address:
            yield Server(address, engine)
    finally:
        engine.dispose()
        if schema:
            with admin.begin() as connection:
                connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with a_stranger() as made:
        yield made


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_each_message_arrives_once_whichever_worker_wrote_it(server: Server, stranger: Stranger) -> None:
    hook = server.hook(stranger.shows("/hook", {}))
    with ThreadPoolExecutor(8) as threads:
        written = set(threads.map(server.ping, [hook] * 40))
    until(lambda: {one["status"] for one in server.deliveries(hook).values()} == {"delivered"})
    arrived = [headers["webhook-id"] for headers in stranger.headers if headers["webhook-id"] in written]
    assert (len(arrived), set(arrived)) == (40, written)


def test_message_whose_worker_was_killed_while_it_sent_is_sent_again_by_another(
    server: Server, stranger: Stranger
) -> None:
    """SIGKILL between the sending and the writing down."""
    killed = Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if not killed.is_set():
            killed.wait(PATIENCE)
            return  # Nobody is there any more to hear it.
        handler.send_response(204)
        handler.end_headers()

    hook = server.hook(stranger.misbehaves("/hook", answer))
    message_id = server.ping(hook)
    until(lambda: any(headers["webhook-id"] == message_id for headers in stranger.headers))
    server.kill_the_sender()
    killed.set()
    server.let_a_minute_pass()
    until(lambda: server.deliveries(hook)[message_id]["status"] == "delivered")
    arrived = [headers["webhook-id"] for headers in stranger.headers].count(message_id)
    results = [one["result"] for one in server.deliveries(hook)[message_id]["attempts"]]
    assert (arrived, results) == (2, ["delivered"])
