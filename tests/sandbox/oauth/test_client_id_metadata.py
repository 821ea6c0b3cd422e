"""Clients that describe themselves at the address that is their identifier (OAuth Client ID Metadata Document)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from sandbox.access.client import find_client
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from sandbox.http import outbound
from sandbox.http.outbound import Outbound
from sandbox.oauth import remote
from sandbox.oauth.extensions.client_id_document import UnusableDocument, read_document
from sandbox.oauth.extensions.client_id_metadata import MARK
from tests import builders
from tests.assertions import Signer, claims, form
from tests.sandbox.oauth.at_once import AT_ONCE, all_at_once
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, USER, VERIFIER, Journey, arrived
from tests.sandbox.oauth.outgoing import HOSTILE, SPECIAL, Misbehave
from tests.stranger import Stranger

sockets = [pytest.mark.sockets, pytest.mark.enable_socket]
SIGNER = Signer()
HERE = "https://app.example/client.json"
Logged = Callable[..., list[dict[str, Any]]]


def described(client_id: str, /, **changes: Any) -> dict[str, Any]:
    """A good document; None leaves a member out."""
    usual = {"client_id": client_id, "client_name": "Stranger's app", "redirect_uris": [CALLBACK]}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def assert_page(answer: TestResponse, words: str = "") -> None:
    """An error page, and nothing sent anywhere."""
    assert (answer.status_code, answer.mimetype, "Location" in answer.headers) == (400, "text/html", False)
    assert words in answer.get_data(as_text=True)


@pytest.fixture
def shown(stranger: Stranger) -> str:
    """The identifier of a client that describes itself well."""
    return stranger.shows("/client.json", described(stranger.url("/client.json")))


@pytest.mark.attack(50)
@pytest.mark.requirement("OAuth Client ID Metadata Document §6.5", "MUST")
@pytest.mark.parametrize("url", [url for url in SPECIAL if url.startswith("http")])
def test_special_address_is_never_asked(visitor: Journey, url: str) -> None:
    """Attack 50: a page, and no request; this test has no sockets."""
    assert_page(visitor.authorize(client_id=url))


@pytest.mark.attack(50)
@pytest.mark.requirement("OAuth Client ID Metadata Document §3", "MUST")
@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "https://app.example/",
        "https://app.example/a/../client",
        "https://app.example/./client",
        "https://app.example/%2e%2E/client",
        "https://app.example/client#fragment",
        "https://app.example/client?query",
        "https://user@app.example/client",
        "https://user:secret@app.example/client",
        "https://App.example/client",
        "https://app.example:443/client",
        "https://app.example:99999/client",
        "https://app.example\\@evil.example/client",
        "https://app.example/" + "x" * 300,
        "http://app.example/client",
        "https://",
    ],
)
def test_identifier_has_one_plain_spelling(visitor: Journey, url: str) -> None:
    """Client ID Metadata Document §3: https with a path, no fragment, user name or dot segments; compared as text."""
    assert_page(visitor.authorize(client_id=url))


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "https://app.example/other.json"},
        {"client_id": None},
        {"client_id": [HERE]},
        {"client_secret": "hidden"},
        {"client_secret_expires_at": 0},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": ["none"]},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": SIGNER.jwks, "jwks_uri": "https://app.example/k"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct", "k": "eA"}]}},
        {"jwks": {"keys": [SIGNER.key.export_private(as_dict=True)]}},
        {"jwks_uri": "http://app.example/keys"},
        {"jwks_uri": 7},
        {"redirect_uris": None},
        {"redirect_uris": []},
        {"redirect_uris": "https://app.example/callback"},
        {"redirect_uris": ["http://app.example/callback"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://app.example/a/../b"]},
        {"redirect_uris": ["https://app.example/#x"]},
        {"redirect_uris": ["https://*.app.example/"]},
        {"redirect_uris": ["https://a@app.example/"]},
        {"redirect_uris": [CALLBACK, 7]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["authorization_code", "client_credentials"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": 7},
        {"response_types": ["token"]},
        {"client_name": "a\nb"},
        {"client_name": ["a"]},
        {"client_name": "x" * 201},
        {"scope": "everything"},
        {"scope": 7},
        {"token_endpoint_auth_signing_alg": "none"},
        {"token_endpoint_auth_signing_alg": {}},
    ],
    ids=lambda changes: ",".join(changes),
)
@pytest.mark.attack(50)
@pytest.mark.requirement("OAuth Client ID Metadata Document §4.1", "MUST")
def test_document_that_describes_no_such_client_is_refused(app: Flask, changes: dict[str, Any]) -> None:
    """Client ID Metadata Document §4.1: another identifier, a secret, or what RFC 7591 would not register."""
    with app.app_context(), pytest.raises(UnusableDocument):
        read_document(described(HERE, **changes), HERE)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["keys", "kty", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
MEMBERS = ["client_id", "client_name", "redirect_uris", "grant_types", "response_types", "scope", "jwks", "jwks_uri"]
MEMBERS += ["token_endpoint_auth_method", "client_uri", "token_endpoint_auth_signing_alg", "dpop_bound_access_tokens"]


@given(changes=st.dictionaries(st.sampled_from(MEMBERS), values, max_size=3))
@settings(max_examples=150)
def test_no_document_is_an_error_of_ours(standing: Flask, changes: dict[str, Any]) -> None:
    with standing.app_context():
        try:
            read_document({**described(HERE), **changes}, HERE)
        except UnusableDocument as refusal:
            assert str(refusal)


@pytest.mark.requirement("OAuth Client ID Metadata Document §5", "MUST")
def test_metadata_says_so(visitor: Journey) -> None:
    document = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    assert document["client_id_metadata_document_supported"] is True


def test_registered_client_with_such_an_identifier_is_left_alone(go: Journey, acme: Acme) -> None:
    """No sockets here: nothing is fetched."""
    with acme():
        builders.a_client(HERE, auth_method="client_secret_post")
    own = {"client_id": HERE, "client_secret": "secret"}
    assert go.token(auth=None, grant_type="client_credentials", **own).status_code == 200


class TestOverTheWire:
    pytestmark = sockets

    @pytest.mark.requirement("OAuth Client ID Metadata Document §4", "MUST")
    def test_stranger_goes_through_the_code_flow(self, go: Journey, shown: str, stranger: Stranger) -> None:
        """Client ID Metadata Document §4: unregistered, with PKCE, to a token that works; one fetch is enough."""
        code = go.code(USER, client_id=shown)
        answer = go.redeem(code, auth=None, client_id=shown)
        assert answer.status_code == 200, answer.get_json()
        assert go.use(answer.get_json()["access_token"]) == 200
        assert stranger.asked == ["GET /client.json"]
        assert go.redeem(code, auth=None, client_id=shown).get_json()["error"] == "invalid_grant"

    @pytest.mark.requirement("OAuth Client ID Metadata Document §6.4", "SHOULD")
    def test_consent_shows_the_host_and_that_nobody_vouches(self, go: Journey, shown: str) -> None:
        go.sign_in()
        text = go.follow(go.authorize(client_id=shown)).get_data(as_text=True)
        assert "Publisher not verified" in text
        assert 'It describes itself, at <span class="address">127.0.0.1</span>' in text
        assert "Stranger&#39;s app" in text

    def test_consent_is_asked_each_time(self, go: Journey, shown: str) -> None:
        """Anybody can use the name of a public client (RFC 8252 §8.6)."""
        go.code(USER, client_id=shown)
        assert "/consent" in go.authorize(client_id=shown).headers["Location"]
        assert arrived(go.authorize(client_id=shown, prompt="none"))["error"] == "consent_required"

    @pytest.mark.requirement("OAuth Client ID Metadata Document §4.5", "MUST")
    def test_redirect_uri_is_one_of_the_document(self, go: Journey, shown: str) -> None:
        assert_page(go.authorize(client_id=shown, redirect_uri="https://evil.example/callback"))

    @pytest.mark.requirement("OAuth Client ID Metadata Document §4.1", "MAY")
    def test_stranger_may_sign(self, go: Journey, stranger: Stranger) -> None:
        """Client ID Metadata Document §4.1: private_key_jwt, with keys in the document or at its jwks_uri."""
        keys, url = stranger.shows("/keys", SIGNER.jwks), stranger.url("/signs.json")
        signs = {"token_endpoint_auth_method": "private_key_jwt"}
        for where in ({"jwks": SIGNER.jwks}, {"jwks_uri": keys}):
            stranger.shows("/signs.json", described(url, **signs, **where))
            code = go.code(USER, client_id=url)
            assert go.redeem(code, auth=None, client_id=url).status_code == 401
            proof = form(SIGNER.sign(claims(url)))
            assert go.redeem(code, auth=None, **proof).status_code == 200

    @pytest.mark.attack(50)
    @pytest.mark.requirement("OAuth Client ID Metadata Document §4.3", "SHOULD")
    @pytest.mark.requirement("OAuth Client ID Metadata Document §4", "MUST")
    @pytest.mark.parametrize("misbehave", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_server_gets_a_page(
        self, go: Journey, stranger: Stranger, misbehave: Misbehave, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Attack 50: 400, at once, nobody is sent anywhere; and at the token endpoint `invalid_client`."""
        monkeypatch.setattr(outbound, "SECONDS", 1.0)
        url = misbehave(stranger, "/client.json", described(stranger.url("/client.json")))
        begun = time.monotonic()
        assert_page(go.authorize(client_id=url), "The client cannot be used")
        assert time.monotonic() - begun < 30
        refused = go.redeem("x", auth=None, client_id=url)
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
        assert set(stranger.asked) == {"GET /client.json"}

    @pytest.mark.attack(50)
    @pytest.mark.requirement("OAuth Client ID Metadata Document §4.4", "MUST")
    def test_document_of_another_client_is_refused(self, go: Journey, stranger: Stranger) -> None:
        """Client ID Metadata Document §4.4: and not kept, so that a corrected one counts at once."""
        url = stranger.shows("/mine.json", described("https://bank.example/client.json"))
        assert_page(go.authorize(client_id=url), "client_id is not the address")
        stranger.shows("/mine.json", described(url))
        assert go.authorize(client_id=url).status_code == 303

    @pytest.mark.requirement("OAuth Client ID Metadata Document §4.4", "SHOULD")
    def test_change_counts_once_the_document_is_stale(
        self, go: Journey, stranger: Stranger, shown: str, later: Callable[[int], None], logged: Logged
    ) -> None:
        """Client ID Metadata Document §4.4: until then what was fetched; then a former redirect URI is worth nothing."""
        other = "https://app.example/new"
        assert go.authorize(client_id=shown).status_code == 303
        stranger.shows("/client.json", described(shown, redirect_uris=[other], client_name="Renamed"))
        assert go.authorize(client_id=shown).status_code == 303
        later(remote.FRESH_OTHERWISE)
        assert_page(go.authorize(client_id=shown))
        assert go.authorize(client_id=shown, redirect_uri=other).status_code == 303
        (event,) = logged("oauth.client.updated")
        assert {change["field"] for change in event["changes"]} == {"name", "redirect_uris"}

    @pytest.mark.requirement("OAuth Client ID Metadata Document §4.4", "MUST")
    def test_document_that_is_gone_ends_the_client(
        self, go: Journey, stranger: Stranger, shown: str, later: Callable[[int], None]
    ) -> None:
        """Client ID Metadata Document §4.4: an error is not kept in place of it, nor the former document."""
        tokens = go.redeem(go.code(USER, client_id=shown), auth=None, client_id=shown).get_json()
        stranger.shows("/client.json", {}, status=410)
        later(remote.FRESH_OTHERWISE)
        assert_page(go.authorize(client_id=shown))
        stranger.shows("/client.json", described(shown))
        assert go.authorize(client_id=shown).status_code == 303
        assert go.use(tokens["access_token"]) == 200

    def test_disabled_client_stays_disabled(self, go: Journey, shown: str, acme: Acme) -> None:
        assert go.authorize(client_id=shown).status_code == 303
        with acme(), transaction():
            client = find_client(shown)
            assert client is not None
            assert client.options[MARK] is True
            client.status = "disabled"
            touch()
        assert_page(go.authorize(client_id=shown))

    def test_many_who_come_first_make_one_client(self, app: Flask, go: Journey, shown: str, logged: Logged) -> None:
        answers = all_at_once(app, lambda journey: journey.authorize(client_id=shown))
        assert [answer.status_code for answer in answers] == [303] * AT_ONCE
        assert len(logged("oauth.client.registered")) == 1

    def test_http_is_for_development_alone(self, app: Flask, go: Journey, shown: str, monkeypatch: Any) -> None:
        monkeypatch.setitem(app.extensions, "outbound", Outbound())
        assert_page(go.authorize(client_id=shown))

    @pytest.mark.requirement("RFC 8414 §2", "MUST")
    def test_ability_that_is_off_is_neither_promised_nor_given(
        self, go: Journey, shown: str, switched: Callable[..., Journey], stranger: Stranger
    ) -> None:
        """RFC 8414 §2: a client that is known from before included."""
        assert go.authorize(client_id=shown).status_code == 303
        off = switched("client_id_metadata")
        document = off.http.get("/.well-known/oauth-authorization-server").get_json()
        assert "client_id_metadata_document_supported" not in document
        assert_page(off.authorize(client_id=shown))
        refused = off.token(
            auth=None, client_id=shown, grant_type="authorization_code", code="x", code_verifier=VERIFIER
        )
        assert refused.status_code == 401
        assert stranger.asked == ["GET /client.json"]
