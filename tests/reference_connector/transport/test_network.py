"""Over real loopback sockets: what only a network shows. One connection a run, time-outs, broken bodies, compression."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from reference_connector.errors import TryLater
from reference_connector.manifest.model import Manifest
from reference_connector.transport.answer import Answer, Ask
from reference_connector.transport.client import Client, open_client
from reference_connector.transport.retry import RetryPolicy
from tests.reference_connector.vendor import ENVIRONMENT

pytestmark = pytest.mark.sockets

ONCE = RetryPolicy(max_retries=0)
BODY = json.dumps({"data": [1, 2, 3]}).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers by the name of the path, and counts connections."""

    protocol_version = "HTTP/1.1"
    connections = 0
    released = threading.Event()

    def setup(self) -> None:
        super().setup()
        Handler.connections += 1

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b'{"access_token": "t", "expires_in": 600}')

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        if name == "hang":
            Handler.released.wait(5)
        elif name == "short":
            self.answer(BODY, announced=len(BODY) + 10)
            self.close_connection = True
        elif name == "gzip":
            self.answer(gzip.compress(BODY), encoding="gzip")
        elif name == "bad-gzip":
            self.answer(b"no gzip at all", encoding="gzip")
        elif name == "away":
            self.answer(b"", status=302, location="https://evil.example/")
        else:
            self.answer(BODY)

    def answer(self, body: bytes, *, status: int = 200, announced: int | None = None, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(announced or len(body)))
        for name, value in more.items():
            self.send_header({"encoding": "Content-Encoding", "location": "Location"}[name], value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def client(sandbox_manifest: Manifest) -> Iterator[Client]:
    Handler.connections = 0
    Handler.released.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with open_client(sandbox_manifest, url, environment=ENVIRONMENT, sleep=lambda seconds: None) as client:
        yield client
    Handler.released.set()
    server.shutdown()
    server.server_close()


def get(client: Client, name: str, read: Callable[[Answer], Any] = Answer.json) -> Any:
    url = f"{client.config.values['base_url']}/v1/{name}"
    return client.exchange(Ask("GET", url, timeouts=(1.0, 0.2)), read, policy=ONCE)


def test_all_requests_of_a_run_share_one_connection(client: Client) -> None:
    for _ in range(5):
        get(client, "page")
    assert Handler.connections == 1


def test_compressed_body_is_read(client: Client) -> None:
    assert get(client, "gzip") == {"data": [1, 2, 3]}


@pytest.mark.parametrize(
    ("name", "code"), [("hang", "timed-out"), ("short", "truncated-body"), ("bad-gzip", "truncated-body")]
)
def test_broken_answer_fails_by_its_cause(client: Client, name: str, code: str) -> None:
    with pytest.raises(TryLater) as failure:
        get(client, name)
    assert failure.value.code == code


def test_redirect_is_not_followed(client: Client) -> None:
    assert get(client, "away", lambda answer: answer.status) == 302


def test_closed_port_is_unreachable(sandbox_manifest: Manifest) -> None:
    with (
        open_client(
            sandbox_manifest, "http://127.0.0.1:9", environment=ENVIRONMENT, network=httpx2.HTTPTransport()
        ) as client,
        pytest.raises(TryLater, match="cannot be reached"),
    ):
        get(client, "page")
