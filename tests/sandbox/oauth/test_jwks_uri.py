"""Clients that publish their keys (RFC 7591 §2 `jwks_uri`): rotation without us, and hostile addresses (attack 50)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from sandbox.access.client import find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.http import outbound
from sandbox.oauth import client_keys, remote
from tests.assertions import Signer, claims
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import Journey
from tests.sandbox.oauth.keyed import a_key_client, ask, assert_refused
from tests.sandbox.oauth.outgoing import HOSTILE, SPECIAL, Misbehave
from tests.stranger import Stranger

sockets = [pytest.mark.sockets, pytest.mark.enable_socket]
FIRST, SECOND = Signer(), Signer(kid="second")


@pytest.fixture
def publishes(go: Journey, acme: Acme) -> Callable[[str], None]:
    """Register `keyed` with keys at an address, or move them."""

    def publish(url: str) -> None:
        with acme(), transaction():
            if (client := find_client("keyed")) is None:
                a_key_client(jwks=None, jwks_uri=url)
            else:
                client.jwks_uri = url
                touch()

    return publish


def signed_by(signer: Signer) -> str:
    return signer.sign(claims("keyed"))


@pytest.mark.attack(50)
@pytest.mark.requirement("RFC 7523 §5", "SHOULD")
@pytest.mark.parametrize("url", SPECIAL)
def test_special_address_is_never_asked(go: Journey, publishes: Callable[[str], None], url: str) -> None:
    """Attack 50: this test has no sockets, so asking would fail in another way."""
    publishes(url)
    assert_refused(ask(go, signed_by(FIRST)))


@pytest.mark.attack(50)
class TestOverTheWire:
    pytestmark = sockets

    @pytest.mark.parametrize("misbehave", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_server_is_no_key(
        self,
        go: Journey,
        publishes: Callable[[str], None],
        stranger: Stranger,
        misbehave: Misbehave,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(outbound, "SECONDS", 1.0)
        publishes(misbehave(stranger, "/keys", FIRST.jwks))
        begun = time.monotonic()
        assert_refused(ask(go, signed_by(FIRST)))
        assert time.monotonic() - begun < 30
        assert stranger.asked == ["GET /keys"]

    def test_keys_are_fetched_once_and_remembered(
        self, go: Journey, publishes: Callable[[str], None], stranger: Stranger
    ) -> None:
        publishes(stranger.shows("/keys", FIRST.jwks, content_type="application/jwk-set+json"))
        assert [ask(go, signed_by(FIRST)).status_code for _ in range(3)] == [200] * 3
        assert stranger.asked == ["GET /keys"]

    def test_new_key_is_found_and_old_one_forgotten(
        self, go: Journey, publishes: Callable[[str], None], stranger: Stranger, later: Callable[[int], None]
    ) -> None:
        """An unknown `kid` is a reason to look again, once a minute at most."""
        publishes(stranger.shows("/keys", FIRST.jwks, Cache_Control="max-age=86400"))
        assert ask(go, signed_by(FIRST)).status_code == 200
        stranger.shows("/keys", SECOND.jwks)
        assert_refused(ask(go, signed_by(SECOND)))
        assert len(stranger.asked) == 1
        later(client_keys.LOOKED_FOR_AGAIN_SECONDS)
        assert ask(go, signed_by(SECOND)).status_code == 200
        assert_refused(ask(go, signed_by(FIRST)))
        assert len(stranger.asked) == 2

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({}, remote.FRESH_OTHERWISE),
            ({"Cache_Control": "public, max-age=600"}, 600),
            ({"Cache_Control": "max-age=600", "Age": "200"}, 400),
            ({"Cache_Control": "max-age=1"}, remote.FRESH_AT_LEAST),
            ({"Cache_Control": "max-age=99999999"}, remote.FRESH_AT_MOST),
            ({"Cache_Control": "no-store"}, remote.FRESH_AT_LEAST),
            ({"Cache_Control": "max-age=nonsense"}, remote.FRESH_OTHERWISE),
        ],
    )
    def test_freshness_follows_the_headers_within_bounds(
        self,
        go: Journey,
        publishes: Callable[[str], None],
        stranger: Stranger,
        later: Callable[[int], None],
        headers: dict[str, str],
        seconds: int,
    ) -> None:
        """RFC 9111 §4.2."""
        publishes(stranger.shows("/keys", FIRST.jwks, **headers))
        counts = []
        for wait in (0, seconds - 2, 3):
            later(wait)
            assert ask(go, signed_by(FIRST)).status_code == 200
            counts.append(len(stranger.asked))
        assert counts == [1, 1, 2]

    def test_failure_is_not_remembered(self, go: Journey, publishes: Callable[[str], None], stranger: Stranger) -> None:
        publishes(stranger.shows("/keys", {}, status=503))
        assert_refused(ask(go, signed_by(FIRST)))
        stranger.shows("/keys", FIRST.jwks)
        assert ask(go, signed_by(FIRST)).status_code == 200

    def test_nobody_makes_us_ask_without_end(
        self, app: Flask, go: Journey, publishes: Callable[[str], None], stranger: Stranger
    ) -> None:
        """RFC 6585 §4: beyond the limit 429, which tells when to come back."""
        limit = int(app.config["SETTINGS"].outbound_rate_limit.partition("/")[0])
        publishes(stranger.shows("/keys", {}, status=503))
        answers = [ask(go, signed_by(FIRST)) for _ in range(limit + 1)]
        assert (answers[-1].status_code, answers[-1].get_json()["error"]) == (429, "temporarily_unavailable")
        assert len(stranger.asked) == limit
        assert int(answers[-1].headers["Retry-After"]) > 0

    def test_public_key_of_a_stranger_is_not_the_clients(
        self, go: Journey, publishes: Callable[[str], None], stranger: Stranger
    ) -> None:
        publishes(stranger.shows("/keys", SECOND.jwks))
        assert_refused(ask(go, FIRST.sign(claims("keyed"), kid="second")))


def test_document_that_is_remembered_needs_no_network(
    app: Flask, in_acme: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    content: dict[str, Any] = {"keys": []}
    now = remote.wall_seconds()
    known = {"https://a.example/": remote.Kept(content, now, now + 60)}
    monkeypatch.setitem(app.extensions, "oauth.documents", known)
    assert remote.document("https://a.example/") is content
