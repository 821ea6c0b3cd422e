"""The one way out: where it never leads, and what it never waits for, against real servers on loopback."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
from flask import Flask

from sandbox.foundation.database import transaction
from sandbox.http import outbound
from sandbox.http.outbound import LARGEST, Outbound, OutboundFailed, fetch, post, post_form
from sandbox.settings import Settings
from tests.stranger import Stranger, a_stranger, certificate

sockets = [pytest.mark.sockets, pytest.mark.enable_socket]
PUBLIC = "93.184.215.14"
MANY = b"x" * (2 * 1024 * 1024)


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with a_stranger() as made:
        yield made


@pytest.fixture
def through(app: Flask, in_acme: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Outbound], None]:
    """Let the application go out in another way."""
    return lambda way: monkeypatch.setitem(app.extensions, "outbound", way)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter time limit, so that the tests of it are quick."""
    monkeypatch.setattr(outbound, "SECONDS", 0.25)


def reason(url: str) -> str:
    with pytest.raises(OutboundFailed) as failure:
        fetch(url, accept="application/json")
    return str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://[fe80::1%25lo]/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "http://93.184.215.14/",
        "ftp://93.184.215.14/",
    ],
)
def test_nothing_special_is_reached(through: Callable[[Outbound], None], url: str) -> None:
    """No socket is even opened: this test has none."""
    through(Outbound())
    assert "special" in reason(url) or "https" in reason(url)


@pytest.mark.parametrize("answers", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:10.0.0.1"], [PUBLIC, "fe80::1%2"]])
def test_name_that_leads_inside_is_refused(through: Callable[[Outbound], None], answers: list[str]) -> None:
    """One special address among good ones is enough."""
    through(Outbound(resolve=lambda *_: answers))
    assert reason("https://rebinding.example/") == "its address is set apart for special use"


@pytest.mark.parametrize("url", ["http://public.example/", "http://10.0.0.1/", "https://10.0.0.1/"])
def test_the_switch_opens_loopback_alone(through: Callable[[Outbound], None], url: str) -> None:
    through(Outbound(loopback=True, resolve=lambda host, _: [PUBLIC if "public" in host else host]))
    assert reason(url) in {"it is not https", "its address is set apart for special use"}


def test_unknown_name_is_a_reason(through: Callable[[Outbound], None]) -> None:
    def nobody(*_: object) -> list[str]:
        raise OSError

    through(Outbound(resolve=nobody))
    assert reason("https://nobody.example/") == "its name cannot be resolved"


def test_mistake_in_the_resolver_is_not_taken_for_an_unknown_name(through: Callable[[Outbound], None]) -> None:
    def broken(*_: object) -> list[str]:
        raise ZeroDivisionError

    through(Outbound(resolve=broken))
    with pytest.raises(ZeroDivisionError):
        fetch("https://some.example/", accept="*/*")


@pytest.mark.usefixtures("short")
def test_resolver_that_never_answers_is_not_waited_for(through: Callable[[Outbound], None]) -> None:
    is_over = Event()

    def slow(*_: object) -> list[str]:
        is_over.wait(timeout=60)
        return [PUBLIC]

    through(Outbound(resolve=slow))
    assert "did not answer" in reason("https://slow.example/")
    is_over.set()


def test_network_is_refused_inside_a_transaction(in_acme: None) -> None:
    with transaction(), pytest.raises(RuntimeError, match="inside transaction"):
        fetch("https://host.example/", accept="*/*")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), True),
        (Settings(outbound_loopback=False), False),
        (Settings(production=True), False),
        (Settings(bind_host="0.0.0.0"), False),
    ],
)
def test_loopback_is_reached_in_development_only(settings: Settings, *, expected: bool) -> None:
    assert settings.reaches_loopback is expected


class TestOverTheWire:
    pytestmark = sockets

    @pytest.fixture(autouse=True)
    def by_loopback(self, through: Callable[[Outbound], None], monkeypatch: pytest.MonkeyPatch) -> None:
        through(Outbound(loopback=True))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")  # noqa: TID251 - what must not be read

    def test_document_arrives(self, stranger: Stranger) -> None:
        url = stranger.shows("/a?b=c", {"a": 1}, content_type="Application/JSON; charset=utf-8", ETag="x")
        fetched = fetch(url, accept="application/json")
        assert (fetched.body, fetched.content_type, fetched.headers["etag"]) == (b'{"a": 1}', "application/json", "x")
        assert stranger.asked == ["GET /a?b=c"]
        sent = stranger.headers[0]
        assert (sent["accept"], sent["accept-encoding"]) == ("application/json", "identity")
        assert not {"cookie", "authorization"} & sent.keys()

    def test_form_arrives(self, stranger: Stranger) -> None:
        url = stranger.shows("/logout", b"", status=204)
        assert post_form(url, {"logout_token": "a+b"}).status == 204
        assert (stranger.bodies, stranger.headers[0]["content-type"]) == (
            [b"logout_token=a%2Bb"],
            "application/x-www-form-urlencoded",
        )

    @pytest.mark.parametrize("status", [201, 204, 301, 302, 303, 307, 308, 404, 500])
    def test_only_200_is_a_document(self, stranger: Stranger, status: int) -> None:
        url = stranger.shows("/", b"", status=status, Location=stranger.url("/elsewhere"))
        assert reason(url) == f"it answered with status {status} instead of 200"
        assert stranger.asked == ["GET /"]

    def test_redirect_of_a_post_is_not_followed(self, stranger: Stranger) -> None:
        url = stranger.shows("/", b"", status=307, Location=stranger.url("/elsewhere"))
        assert post_form(url, {"a": "b"}).status == 307
        assert stranger.asked == ["POST /"]

    def test_large_body_is_cut_off(self, stranger: Stranger) -> None:
        assert reason(stranger.shows("/", MANY)) == "its answer is larger than 64 KiB"
        assert len(fetch(stranger.shows("/fits", MANY[:LARGEST]), accept="*/*").body) == LARGEST

    def test_compressed_answer_is_refused(self, stranger: Stranger) -> None:
        """A bomb of 2 MB in 2 KB is never unpacked."""
        url = stranger.shows("/", gzip.compress(MANY), Content_Encoding="gzip")
        assert reason(url) == "its answer is compressed, which was not asked for"

    @pytest.mark.usefixtures("short")
    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\n", b"X-Drip: y\r\n"),
            (b"", b"H"),
            (b"", b""),
        ],
        ids=["body", "headers", "nonsense", "silence"],
    )
    def test_slow_answer_is_given_up(self, stranger: Stranger, head: bytes, piece: bytes) -> None:
        """Each piece comes in time; all together do not."""
        begun = time.monotonic()
        why = reason(stranger.drips("/", head, piece))
        assert "did not answer within" in why or why == "it does not speak HTTP as it should"
        assert time.monotonic() - begun < 30

    @pytest.mark.usefixtures("short")
    def test_slow_reader_is_given_up(self, stranger: Stranger) -> None:
        """Each step of writing gets on; all together do not."""

        def sip(handler: BaseHTTPRequestHandler) -> None:
            while not stranger.closing.wait(0.05):
                handler.connection.recv(1 << 16)

        url = stranger.misbehaves("/", sip)
        headers = {"Content-Length": str(len(MANY) * 32), "X-Unread": "yes"}
        begun = time.monotonic()
        with pytest.raises(OutboundFailed, match="did not answer within"):
            post(url, MANY * 32, content_type="text/plain", headers=headers)
        assert time.monotonic() - begun < 30

    @pytest.mark.usefixtures("short")
    def test_one_request_of_ours_waits_once(self, app: Flask, stranger: Stranger) -> None:
        """However many strangers it asks: the second gets what the first left of the time, which is nothing."""
        slow = stranger.drips("/slow", b"HTTP/1.1 200 OK\r\n\r\n", b"x")
        quick = stranger.shows("/quick", {})
        with app.test_request_context():
            assert fetch(quick, accept="*/*").status == 200
            assert ["did not answer" in reason(url) for url in (slow, quick)] == [True, True]
        assert fetch(quick, accept="*/*").status == 200

    def test_nonsense_is_a_reason_that_repeats_nothing(self, stranger: Stranger) -> None:
        def talk(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"SECRET nonsense\r\n\r\n")

        assert reason(stranger.misbehaves("/", talk)) == "it does not speak HTTP as it should"

    def test_closed_port_is_a_reason(self) -> None:
        with a_stranger() as gone:
            url = gone.url()
        assert reason(url) == "the connection failed"

    def test_second_address_is_tried(self, stranger: Stranger, through: Callable[[Outbound], None]) -> None:
        """`localhost` is `::1` first, where many servers do not listen."""
        through(Outbound(loopback=True, resolve=lambda *_: ["127.9.9.9", "127.0.0.1"]))
        stranger.shows("/", {})
        assert fetch(stranger.url(host="localhost"), accept="*/*").status == 200


class TestOverTls:
    pytestmark = sockets

    def test_name_is_kept_while_its_address_is_dialled(
        self, tmp_path: Path, through: Callable[[Outbound], None]
    ) -> None:
        """SNI, `Host` and certificate are the name's; it is resolved once, and a second answer would not count."""
        server, trusting = certificate(tmp_path, "client.example")
        names: list[str | None] = []
        server.sni_callback = lambda _, name, __: names.append(name)
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])
        through(Outbound(loopback=True, resolve=lambda *_: next(answers), trust=lambda: trusting))
        with a_stranger(server) as stranger:
            stranger.shows("/", {})
            assert fetch(stranger.url(host="client.example"), accept="*/*").status == 200
        assert (names, stranger.headers[0]["host"]) == (["client.example"], f"client.example:{stranger.port}")
        assert next(answers) == ["10.0.0.1"]

    @pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
    def test_certificate_of_another_name_is_refused(
        self, tmp_path: Path, through: Callable[[Outbound], None], name: str
    ) -> None:
        server, trusting = certificate(tmp_path, name)
        through(Outbound(loopback=True, resolve=lambda *_: ["127.0.0.1"], trust=lambda: trusting))
        with a_stranger(server) as stranger:
            assert "certificate" in reason(stranger.url(host="client.example"))
        assert stranger.asked == []

    def test_certificate_of_nobody_we_know_is_refused(
        self, tmp_path: Path, through: Callable[[Outbound], None]
    ) -> None:
        server, _ = certificate(tmp_path, "client.example")
        through(Outbound(loopback=True, resolve=lambda *_: ["127.0.0.1"]))
        with a_stranger(server) as stranger:
            assert "certificate" in reason(stranger.url(host="client.example"))
