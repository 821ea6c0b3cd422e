"""The server's own requests to addresses that strangers name: `jwks_uri`, client metadata, back-channel logout, webhooks.

The only way out. A name is resolved once and the connection goes to that very address, so that no second answer of DNS can
lead inside (SSRF, DNS rebinding); all that is special stays unreachable; nothing is followed, decoded, or taken from the
environment (proxies, `.netrc`). 64 KiB an answer, and five seconds for everything together: resolving, connecting, and all
that is said, also where one request of ours asks several strangers.

It talks through `httpcore2`, the engine of httpx2, since that lets us hold both ends of the wire: who is connected to, and
each single read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, has_request_context

from sandbox.foundation.database import release_connection
from sandbox.http.plain_url import NotPlain, PlainUrl, is_address, read_url
from sandbox.http.special_addresses import is_loopback, is_special
from sandbox.settings import Settings

if TYPE_CHECKING:
    from httpcore2 import NetworkStream, Response

SECONDS: Final = 5.0
LARGEST: Final = 64 * 1024
_AGENT: Final = "Harbor"
_LATE: Final = f"it did not answer within {SECONDS:.0f} seconds"
_NOT_HTTPS: Final = "it is not https"

Resolver = Callable[[str, int], list[str]]


class OutboundFailed(Exception):
    """No usable answer; the message is a reason for the log, and repeats nothing that the other side wrote."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whole: `content_type` is the media type without parameters, `headers` are by their names in lower case."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    body: bytes


def fetch(url: str, *, accept: str) -> Fetched:
    """Get a document; raises OutboundFailed, also for any status but 200. Callers check the type."""
    fetched = _outbound().request("GET", url, {"Accept": accept})
    if fetched.status != 200:
        raise OutboundFailed(f"it answered with status {fetched.status} instead of 200")
    return fetched


def post(url: str, body: bytes, *, content_type: str, headers: Mapping[str, str] | None = None) -> Fetched:
    """Send a body, and give the answer whatever its status, a redirect too; raises OutboundFailed if there is none."""
    return _outbound().request("POST", url, {"Content-Type": content_type, **(headers or {})}, body)


def post_form(url: str, form: Mapping[str, str]) -> Fetched:
    """Send a form, as `post` sends a body."""
    return post(url, urlencode(form).encode(), content_type="application/x-www-form-urlencoded")


def refusal(url: str) -> str | None:
    """Tell why nothing would ever be sent there, as far as the URL shows; None if it is worth a try."""
    try:
        _outbound().judge(url)
    except OutboundFailed as refused:
        return str(refused)
    return None


def install(app: Flask, settings: Settings) -> None:
    """Give the application its way out."""
    app.extensions["outbound"] = Outbound(loopback=settings.reaches_loopback)


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system which addresses a name has; raises OSError for none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Outbound:
    """The way out of one application. `loopback` is the development switch: plain http, and this very machine.

    `resolve` and `trust` are who answers for names and whose certificates count.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolve: Resolver = system_resolver,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self.loopback, self.resolve, self.trust = loopback, resolve, trust

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Fetched:
        """Send one request; raises OutboundFailed, and RuntimeError inside a transaction: a stranger's server is slow."""
        import httpcore2

        release_connection()
        to, deadline = self._target(url), _deadline()
        network = cast(httpcore2.NetworkBackend, Network(self._addresses(to, deadline), deadline))
        sent = {"Host": to.authority, "User-Agent": _AGENT, "Accept-Encoding": "identity", **headers}
        address = httpcore2.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target)
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self.trust(), network_backend=network) as pool,
                pool.stream(method, address, headers=list(sent.items()), content=body) as response,
            ):
                return _read(response)
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise OutboundFailed(_reason(error)) from None

    def judge(self, url: str) -> None:
        """Look at a URL without resolving its name; raises OutboundFailed."""
        to = self._target(url)
        if is_address(to.host):
            self._check([to.host], to)

    def _target(self, url: str) -> PlainUrl:
        try:
            to = read_url(url)
        except NotPlain:
            raise OutboundFailed("its URL is not a plain one of https") from None
        if to.scheme != "https" and not self.loopback:
            raise OutboundFailed(_NOT_HTTPS)
        return to

    def _addresses(self, to: PlainUrl, deadline: Deadline) -> list[str]:
        """Resolve, once. One special address among others is how rebinding begins, so that all of them have to be good."""
        literal = is_address(to.host)
        addresses = [to.host] if literal else _resolved(lambda: self.resolve(to.host, to.port), deadline)
        self._check(addresses, to)
        return addresses

    def _check(self, addresses: list[str], to: PlainUrl) -> None:
        for address in addresses:
            allowed = is_loopback(address) and self.loopback
            if is_special(address) and not allowed:
                raise OutboundFailed("its address is set apart for special use")
            if to.scheme != "https" and not allowed:
                raise OutboundFailed(_NOT_HTTPS)


class Deadline:
    """The moment by which everything must be over."""

    def __init__(self) -> None:
        self.at = time.monotonic() + SECONDS

    def left(self) -> float:
        """Tell how many seconds are left; raises OutboundFailed when none are."""
        if (left := self.at - time.monotonic()) <= 0:
            raise OutboundFailed(_LATE)
        return left


class Network:
    """The network as `httpcore2` sees it: whatever it is told to connect to, these addresses are where it gets."""

    def __init__(self, addresses: list[str], deadline: Deadline) -> None:
        self.addresses, self.deadline = addresses, deadline

    def connect_tcp(self, host: str, port: int, **_: Any) -> Stream:
        """Connect to the first address that answers; raises ConnectError of the last one otherwise."""
        import httpcore2

        for address in self.addresses[:-1]:
            with suppress(httpcore2.ConnectError):
                return self._connect(address, port)
        return self._connect(self.addresses[-1], port)

    def _connect(self, address: str, port: int) -> Stream:
        import httpcore2

        return Stream(httpcore2.SyncBackend().connect_tcp(address, port, timeout=self.deadline.left()), self.deadline)


class Stream:
    """A connection on which every step, the handshake and each single read, has only what is left of the time."""

    def __init__(self, inner: NetworkStream, deadline: Deadline) -> None:
        self.inner, self.deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self.inner.read(max_bytes, self.deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it; in steps of our own, since the engine grants each step the whole time anew."""
        import httpcore2

        connection: socket.socket = self.inner.get_extra_info("socket")
        view = memoryview(buffer)
        while view:
            connection.settimeout(self.deadline.left())
            try:
                view = view[connection.send(view) :]
            except TimeoutError:
                raise httpcore2.WriteTimeout from None
            except OSError as error:
                raise httpcore2.WriteError(error) from None

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, **_: Any) -> Stream:
        """Go on in TLS; the certificate has to be that of the name, not of the address."""
        return Stream(self.inner.start_tls(ssl_context, server_hostname, self.deadline.left()), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """Tell about the connection."""
        return self.inner.get_extra_info(info)

    def close(self) -> None:
        """Hang up."""
        self.inner.close()


def _deadline() -> Deadline:
    """Give a request one deadline for all that it asks of strangers; work beside requests has a new one each time."""
    if not has_request_context():
        return Deadline()
    if "outbound_deadline" not in g:
        g.outbound_deadline = Deadline()
    deadline: Deadline = g.outbound_deadline
    return deadline


def _resolved(resolve: Callable[[], list[str]], deadline: Deadline) -> list[str]:
    """Wait for the resolver no longer than the deadline allows; it knows none itself, so it gets a thread to be late in."""
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve())
        except Exception as error:  # Raised below, where somebody waits for it.
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty:
        raise OutboundFailed(_LATE) from None
    if isinstance(answer, Exception) and not isinstance(answer, OSError):
        raise answer
    if isinstance(answer, OSError) or not answer:
        raise OutboundFailed("its name cannot be resolved")
    return answer


def _read(response: Response) -> Fetched:
    """Read an answer, up to the limit; a compressed one is refused, since its size says nothing."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise OutboundFailed("its answer is compressed, which was not asked for")
    body = bytearray()
    for part in response.iter_stream():
        body += part
        if len(body) > LARGEST:
            raise OutboundFailed(f"its answer is larger than {LARGEST // 1024} KiB")
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(response.status, content_type, headers, bytes(body))


def _reason(error: Exception) -> str:
    """Say in our own words what went wrong: those of the library may repeat what the other side sent."""
    kind = type(error).__name__
    if any(isinstance(inner, ssl.SSLError) for inner in error.args):
        return "its certificate is not trusted, or TLS failed otherwise"
    if "Timeout" in kind:
        return _LATE
    return "it does not speak HTTP as it should" if "Protocol" in kind else "the connection failed"


def _outbound() -> Outbound:
    outbound: Any = current_app.extensions["outbound"]
    return outbound  # type: ignore[no-any-return]
