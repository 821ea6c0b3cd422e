"""Clients that nobody here wrote, unchanged, over HTTP: requests-oauthlib, requests-oauth2client and Authlib's own.

Each goes the whole way: metadata, sign-in, consent, code with PKCE, an API call, refresh, and is told what is wrong.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from oauthlib.oauth2 import BackendApplicationClient, InvalidGrantError
from requests_oauth2client import DPoPKey, DPoPToken, InvalidGrant, OAuth2Client
from requests_oauthlib import OAuth2Session
from werkzeug.serving import make_server

from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.foundation.tenancy import enter
from sandbox.settings import Settings
from tests import builders
from tests.sandbox.oauth.journey import CALLBACK, CONNECTOR, NATIVE, USER, WEB, form_of

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]
SCOPE = ["openid", "users:read"]
KEY = ECKey.generate_key("P-256", {"kid": "signing"})


@pytest.fixture(scope="module")
def address(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free loopback port."""
    path = tmp_path_factory.mktemp("served") / "served.sqlite"
    path.write_bytes(empty_database.read_bytes())
    with served(path) as url:
        yield url


@contextmanager
def served(path: Path, **given: Any) -> Iterator[str]:
    """Serve a database."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    usual = {"database_url": f"sqlite:///{path}", "public_urls": (url,), "sign_in_rate_limit": "1000/minute"}
    app = create_app(Settings(**{**usual, **given}))
    with app.app_context(), enter("acme"):
        jwks = {"keys": [KEY.as_dict(private=False)]}
        builders.a_client("signing", auth_method="private_key_jwt", secret_hash=None, jwks=jwks)
    server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join(timeout=60)
        server.server_close()
        listener.close()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def metadata(address: str) -> dict[str, str]:
    found: dict[str, str] = requests.get(f"{address}/.well-known/oauth-authorization-server", timeout=60).json()
    return found


@pytest.fixture(autouse=True)
def cleartext(monkeypatch: pytest.MonkeyPatch) -> None:
    """oauthlib wants https unless it is told that this is loopback."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def browse(start: str, redirect_uri: str) -> str:
    """Be the person: sign in, allow, and bring back the address at which the client is reached."""
    with requests.Session() as browser:
        answer = browser.get(start, timeout=60, allow_redirects=False)
        for _ in range(8):
            if (location := answer.headers.get("Location")) is not None:
                if location.startswith(redirect_uri):
                    return location
                answer = browser.get(urljoin(answer.url, location), timeout=60, allow_redirects=False)
                continue
            form = form_of(_Page(answer))  # type: ignore[arg-type]
            fields = {**form.fields, "email": USER[0], "password": USER[1], "decision": "allow"}
            answer = browser.post(urljoin(answer.url, form.action), data=fields, timeout=60, allow_redirects=False)
    raise AssertionError(f"The browser did not arrive: {answer.text}")


class _Page(SimpleNamespace):
    """What `form_of` reads, of an answer of `requests`."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(get_data=lambda *, as_text: answer.text)


def test_requests_oauthlib_goes_through_the_code_flow(metadata: dict[str, str]) -> None:
    with OAuth2Session(WEB[0], redirect_uri=CALLBACK, scope=SCOPE, pkce="S256") as session:
        start, _ = session.authorization_url(metadata["authorization_endpoint"])
        arrival = browse(start, CALLBACK)
        token = session.fetch_token(metadata["token_endpoint"], authorization_response=arrival, client_secret=WEB[1])
        api = session.get(f"{metadata['issuer']}/v1/users", timeout=60)
        refreshed = session.refresh_token(metadata["token_endpoint"], auth=WEB)
    assert (api.status_code, token["scope"], "id_token" in token) == (200, SCOPE, True)
    assert refreshed["access_token"] != token["access_token"]


def test_requests_oauthlib_maps_our_refusal(metadata: dict[str, str]) -> None:
    with OAuth2Session(WEB[0], redirect_uri=CALLBACK, pkce="S256") as session, pytest.raises(InvalidGrantError):
        session.authorization_url(metadata["authorization_endpoint"])
        session.fetch_token(metadata["token_endpoint"], code="unknown", client_secret=WEB[1])


def test_requests_oauthlib_acts_as_a_backend(metadata: dict[str, str]) -> None:
    with OAuth2Session(client=BackendApplicationClient(CONNECTOR[0])) as session:
        session.fetch_token(metadata["token_endpoint"], auth=CONNECTOR)
        assert session.get(f"{metadata['issuer']}/v1/roles", timeout=60).status_code == 200


def test_authlib_goes_through_the_code_flow_as_a_public_client(metadata: dict[str, str]) -> None:
    """RFC 8252: a native application on a port of its own."""
    client = AuthlibSession(
        NATIVE["client_id"],
        redirect_uri=NATIVE["redirect_uri"],
        scope=" ".join(SCOPE),
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    )
    verifier = "a-verifier-of-a-native-application-0123456789-abc"
    with client as session:
        start, _ = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
        arrival = browse(start, NATIVE["redirect_uri"])
        token = session.fetch_token(metadata["token_endpoint"], authorization_response=arrival, code_verifier=verifier)
        api = session.get(f"{metadata['issuer']}/oauth/userinfo", timeout=60)
        refreshed = session.refresh_token(metadata["token_endpoint"])
        revoked = session.revoke_token(metadata["revocation_endpoint"], token=refreshed["refresh_token"])
        after = session.get(f"{metadata['issuer']}/oauth/userinfo", timeout=60)
    assert (api.status_code, revoked.json(), after.status_code) == (200, {}, 401)
    assert refreshed["access_token"] != token["access_token"]


def test_authlib_maps_our_refusal(metadata: dict[str, str]) -> None:
    with AuthlibSession(CONNECTOR[0], "wrong", scope="users:read") as session, pytest.raises(OAuthError) as refusal:
        session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert refusal.value.error == "invalid_client"


def test_authlib_authenticates_by_its_signature(metadata: dict[str, str]) -> None:
    """RFC 7523 §2.2, as another implementation writes an assertion: told who it is for, and not to let it live an hour."""
    claims = {"aud": metadata["issuer"], "exp": wall_seconds() + 60}
    proof = PrivateKeyJWT(metadata["token_endpoint"], claims=claims, alg="ES256")
    with AuthlibSession("signing", KEY, token_endpoint_auth_method="private_key_jwt", scope="users:read") as session:
        session.register_client_auth_method(proof)
        session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        assert session.get(f"{metadata['issuer']}/v1/users", timeout=60).status_code == 200


def test_authlib_introspects_its_token(metadata: dict[str, str]) -> None:
    with AuthlibSession(*CONNECTOR, scope="users:read") as session:
        token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        answer = session.introspect_token(metadata["introspection_endpoint"], token=token["access_token"])
    assert (answer.json()["active"], answer.json()["scope"]) == (True, "users:read")


def native_client(issuer: str) -> OAuth2Client:
    """demo-native as requests-oauth2client plays it, bound to keys whatever it asks for."""
    document = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=60).json()
    return OAuth2Client.from_discovery_document(
        {**document, "userinfo_endpoint": f"{issuer}/oauth/userinfo"},
        issuer=issuer,
        client_id=NATIVE["client_id"],
        redirect_uri=NATIVE["redirect_uri"],
        id_token_signed_response_alg="ES256",
        authorization_server_jwks=requests.get(document["jwks_uri"], timeout=60).json(),
        dpop_bound_access_tokens=True,
        testing=True,
    )


@pytest.mark.requirement("RFC 9449 §5", "MUST")
@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA"])
def test_requests_oauth2client_goes_through_the_code_flow_with_dpop(address: str, algorithm: str) -> None:
    """From `dpop_jkt` to a refresh, with the proofs that it makes; its key is all that gets a bound token used."""
    client, key = native_client(address), DPoPKey.generate(algorithm)
    request = client.authorization_request(scope=SCOPE, dpop_key=key)
    arrival = request.validate_callback(browse(str(request.uri), NATIVE["redirect_uri"]))
    token = client.authorization_code(arrival, validate=False)  # Its check of ID tokens loses the key.
    userinfo = requests.get(f"{address}/oauth/userinfo?x=%41", auth=token, timeout=60)
    refreshed = client.refresh_token(token)
    with pytest.raises(InvalidGrant):
        client.refresh_token(str(refreshed.refresh_token))  # With a key that it makes for the purpose.
    assert (type(token), type(refreshed), request.dpop_jkt) == (DPoPToken, DPoPToken, key.dpop_jkt)
    assert userinfo.status_code == 200
    assert requests.get(f"{address}/v1/users", auth=refreshed, timeout=60).status_code == 200


@pytest.mark.requirement("RFC 9449 §8", "MUST")
@pytest.mark.requirement("RFC 9449 §9", "MUST")
def test_requests_oauth2client_understands_our_nonces(empty_database: Path, tmp_path: Path) -> None:
    """It is sent back once at each end, and passes with the nonce that it got."""
    path = tmp_path / "served.sqlite"
    path.write_bytes(empty_database.read_bytes())
    with served(path, dpop_nonce_required=True) as issuer:
        client, key = native_client(issuer), DPoPKey.generate()
        request = client.authorization_request(scope=SCOPE, dpop_key=key)
        arrival = request.validate_callback(browse(str(request.uri), NATIVE["redirect_uri"]))
        token = client.authorization_code(arrival, validate=False)
        assert key.as_nonce
        assert requests.get(f"{issuer}/v1/users", auth=token, timeout=60).status_code == 200
        assert key.rs_nonce
