"""requests_oauth2client, the most complete client in Python, unchanged, through the flows that it knows and we offer.

Not among them: its request objects, which have neither type nor audience (RFC 9101 §4, §10.8). `requests-oauthlib` and
Authlib's client go their ways in `tests/sandbox/oauth/test_clients.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from jwskate import Jwk
from requests_oauth2client import (
    BearerToken,
    ClientSecretBasic,
    DPoPKey,
    DPoPToken,
    InvalidClient,
    InvalidGrant,
    OAuth2Client,
    PrivateKeyJwt,
)

from tests.interop.browser import visit
from tests.sandbox.oauth.journey import CALLBACK, CONNECTOR, WEB

pytestmark = [pytest.mark.sockets, pytest.mark.enable_socket]
Discovered = Callable[..., OAuth2Client]
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
def discovered(live_server: str) -> Discovered:
    """A client that read everything it needs from the metadata."""

    def discover(**options: Any) -> OAuth2Client:
        return OAuth2Client.from_discovery_endpoint(issuer=live_server, testing=True, **options)

    return discover


@pytest.fixture
def register(live_server: str) -> Callable[..., dict[str, Any]]:
    """Register a client as RFC 7591 says."""

    def ask(**metadata: Any) -> dict[str, Any]:
        token = {"Authorization": "Bearer harbor-registration"}
        answer = requests.post(f"{live_server}/oauth/register", json=metadata, headers=token, timeout=60)
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        return registered

    return ask


def redeemed(client: OAuth2Client, **options: Any) -> BearerToken:
    """Go through the code flow."""
    request = client.authorization_request(scope="openid users:read", redirect_uri=CALLBACK, **options)
    arrival = request.validate_callback(visit(str(request), CALLBACK))
    # Validating the ID token, it forgets the key of a DPoP token.
    return client.authorization_code(arrival, validate="dpop" not in options)


def test_code_flow_with_id_token_and_refresh(discovered: Discovered) -> None:
    client = discovered(auth=ClientSecretBasic(*WEB), id_token_signed_response_alg="ES256")
    tokens = redeemed(client)
    assert client.userinfo(tokens)["sub"] == tokens.id_token.sub  # type: ignore[union-attr]
    assert client.refresh_token(tokens).access_token != tokens.access_token


def test_pushed_authorization_request(discovered: Discovered) -> None:
    client = discovered(auth=ClientSecretBasic(*WEB), id_token_signed_response_alg="ES256")
    request = client.authorization_request(scope="openid users:read", redirect_uri=CALLBACK)
    pushed = client.pushed_authorization_request(request)
    arrival = request.validate_callback(visit(str(pushed), CALLBACK))
    assert client.authorization_code(arrival).scope == "openid users:read"


def test_private_key_jwt(live_server: str, discovered: Discovered, register: Callable[..., dict[str, Any]]) -> None:
    key = Jwk.generate(alg="ES256", kid="proves")
    known = register(
        grant_types=["client_credentials"],
        response_types=[],
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="ES256",
        jwks={"keys": [key.public_jwk().to_dict()]},
        scope="users:read",
    )
    good = discovered(auth=PrivateKeyJwt(known["client_id"], key, alg="ES256", aud=live_server))
    assert good.client_credentials().scope == "users:read"
    foreign = discovered(auth=PrivateKeyJwt(known["client_id"], key, alg="ES256", aud="https://other.example"))
    with pytest.raises(InvalidClient):
        foreign.client_credentials()


def test_dpop_bound_tokens(live_server: str, discovered: Discovered) -> None:
    client = discovered(auth=ClientSecretBasic(*WEB), id_token_signed_response_alg="ES256")
    key = DPoPKey.generate(alg="ES256")
    tokens = redeemed(client, dpop=True, dpop_key=key)
    assert isinstance(tokens, DPoPToken)
    answer = requests.get(f"{live_server}/v1/users", auth=tokens, timeout=60)
    stolen = requests.get(
        f"{live_server}/v1/users", headers={"Authorization": f"Bearer {tokens.access_token}"}, timeout=60
    )
    assert (answer.status_code, stolen.status_code) == (200, 401)


def test_device_flow(live_server: str, discovered: Discovered) -> None:
    endpoint = f"{live_server}/oauth/device_authorization"  # Which it does not read from the metadata.
    client = discovered(client_id="demo-native", device_authorization_endpoint=endpoint)
    device = client.authorize_device(scope="openid users:read")
    visit(str(device.verification_uri_complete))
    time.sleep(float(device.interval or 5))
    tokens = client.device_code(device)
    assert (tokens.scope, tokens.refresh_token is not None) == ("openid users:read", True)
    time.sleep(float(device.interval or 5))
    with pytest.raises(InvalidGrant):
        client.device_code(device)


def test_token_exchange(discovered: Discovered, register: Callable[..., dict[str, Any]]) -> None:
    known = register(grant_types=["client_credentials", EXCHANGE], response_types=[], scope="users:read groups:read")
    client = discovered(auth=ClientSecretBasic(known["client_id"], known["client_secret"]))
    own = client.client_credentials()
    narrowed = client.token_exchange(
        subject_token=own.access_token, subject_token_type=ACCESS_TOKEN, scope="users:read"
    )
    assert narrowed.scope == "users:read"


def test_introspection_and_revocation(discovered: Discovered) -> None:
    client = discovered(auth=ClientSecretBasic(*CONNECTOR))
    tokens = client.client_credentials()
    before = client.introspect_token(tokens)
    assert client.revoke_access_token(tokens)
    assert (before["active"], client.introspect_token(tokens)["active"]) == (True, False)
