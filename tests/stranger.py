"""A server that belongs to somebody else, on loopback: what our own requests go to in tests, however badly it behaves.

`Stranger.shows` puts a document under a path, `misbehaves` anything that writes to the connection; `asked` are the
requests that came. `certificate` makes one for a name, with the context that trusts it.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.foundation.clock import wall_now

Behavior = Callable[[BaseHTTPRequestHandler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # Many may come in the same instant.


class Stranger:
    """One server; everything it does not know is 404."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.behaviors: dict[str, Behavior] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.closing = Event()
        self.server = _Server(("127.0.0.1", 0), self._handler())
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if context else "http"
        self.port = self.server.server_address[1]

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def shows(
        self, path: str, document: Any, *, content_type: str = "application/json", status: int = 200, **headers: str
    ) -> str:
        """Answer with a document, as JSON unless it is bytes; gives its address."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()

        def show(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Type", content_type)
            handler.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        return self.misbehaves(path, show)

    def misbehaves(self, path: str, behavior: Behavior) -> str:
        """Answer by writing to the connection; gives the address."""
        self.behaviors[path] = behavior
        return self.url(path)

    def drips(self, path: str, head: bytes, piece: bytes) -> str:
        """Write a head, then a piece again and again, slowly, and never come to an end."""

        def drip(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(head)
            while not self.closing.wait(0.05):
                handler.wfile.write(piece)

        return self.misbehaves(path, drip)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                stranger.asked.append(f"{self.command} {self.path}")
                stranger.headers.append({name.lower(): value for name, value in self.headers.items()})
                if "X-Unread" not in self.headers:
                    stranger.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                with suppress(OSError):  # Whoever asked may have hung up.
                    stranger.behaviors.get(self.path, lambda handler: handler.send_error(404))(self)

            do_GET = do_POST = answer  # noqa: N815 - names of the standard library

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def a_stranger(context: ssl.SSLContext | None = None) -> Iterator[Stranger]:
    """A stranger who serves for a while."""
    stranger = Stranger(context)
    thread = Thread(target=stranger.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stranger
    finally:
        stranger.closing.set()
        stranger.server.shutdown()
        thread.join(timeout=60)
        stranger.server.server_close()


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for some names or addresses: the server's context, and one that trusts exactly it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    today = wall_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    trusting = ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
    return server, trusting


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
