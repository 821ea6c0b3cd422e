"""Two worker processes, one PostgreSQL, twelve requests at once with the same credential: exactly one wins.

`test_races` has the same with threads and looks at what is left afterwards; here nothing is shared but the database.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import create_engine, text

from tests import live
from tests.conftest import POSTGRES
from tests.interop.browser import visit
from tests.sandbox.oauth.journey import CALLBACK, CONNECTOR, VERIFIER, WEB, asking

pytestmark = [pytest.mark.sockets, pytest.mark.postgres, pytest.mark.enable_socket]
AT_ONCE = 12
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def address(postgres_schema: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two workers of four threads, on a schema of its own."""
    schema = f"w_{uuid.uuid4().hex[:12]}"
    admin = create_engine(POSTGRES)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = f"{POSTGRES}?options=-csearch_path%3D{schema}"
    try:
        with live.serving(url, tmp_path_factory.mktemp("workers"), workers=2, threads=4) as served:
            yield served
    finally:
        with admin.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


def outcomes(ask: Callable[[requests.Session], requests.Response]) -> Counter[tuple[int, str | None]]:
    """Send the same request twelve times in the same instant, over connections of their own."""
    barrier = Barrier(AT_ONCE)

    def one(_: int) -> tuple[int, str | None]:
        with requests.Session() as session:
            barrier.wait(timeout=60)
            answer = ask(session)
        return answer.status_code, answer.json().get("error")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(one, range(AT_ONCE)))


def token(address: str, session: requests.Session, **form: str) -> requests.Response:
    return session.post(f"{address}/oauth/token", data=form, auth=WEB, timeout=60)


def code(address: str) -> dict[str, str]:
    start = requests.Request("GET", f"{address}/oauth/authorize", params=asking()).prepare().url
    assert start is not None
    arrived = dict(part.split("=", 1) for part in visit(start, CALLBACK).partition("?")[2].split("&"))
    return {
        "grant_type": "authorization_code",
        "code": arrived["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }


@pytest.mark.attack(15)
def test_one_of_many_redeems_a_code(address: str) -> None:
    form = code(address)
    assert outcomes(lambda session: token(address, session, **form)) == {(200, None): 1, (400, "invalid_grant"): 11}


@pytest.mark.attack(28)
def test_one_of_many_refreshes(address: str) -> None:
    with requests.Session() as session:
        first = token(address, session, **code(address)).json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert outcomes(lambda session: token(address, session, **form)) == {(200, None): 1, (400, "invalid_grant"): 11}


@pytest.mark.attack(40)
def test_one_of_many_polls_gets_the_tokens_of_a_device(address: str) -> None:
    asked = {"client_id": "demo-native", "scope": "openid users:read"}
    device = requests.post(f"{address}/oauth/device_authorization", data=asked, timeout=60).json()
    visit(device["verification_uri_complete"])
    form = {"grant_type": DEVICE, "device_code": device["device_code"], "client_id": "demo-native"}
    time.sleep(device.get("interval", 5))
    found = outcomes(lambda session: session.post(f"{address}/oauth/token", data=form, timeout=60))
    assert found[200, None] == 1
    assert found[400, "invalid_grant"] + found[400, "slow_down"] == AT_ONCE - 1


@pytest.mark.attack(23)
def test_one_of_many_uses_a_client_assertion(address: str) -> None:
    """RFC 7523 §3: one `jti` is believed once."""
    key = ECKey.generate_key("P-256", parameters={"kid": "races", "alg": "ES256"})
    known = requests.post(
        f"{address}/oauth/register",
        headers={"Authorization": "Bearer harbor-registration"},
        json={
            "grant_types": ["client_credentials"],
            "response_types": [],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [key.as_dict(private=False)]},
            "scope": "users:read",
        },
        timeout=60,
    ).json()
    now = int(time.time())  # noqa: TID251 - what a client would do
    claims = {"iss": known["client_id"], "sub": known["client_id"], "aud": address, "jti": uuid.uuid4().hex}
    assertion = jwt.encode({"alg": "ES256", "kid": "races"}, {**claims, "iat": now, "exp": now + 60}, key)
    form = {"grant_type": "client_credentials", "client_assertion": assertion, "client_assertion_type": ASSERTION}
    found = outcomes(lambda session: session.post(f"{address}/oauth/token", data=form, timeout=60))
    assert found == {(200, None): 1, (401, "invalid_client"): AT_ONCE - 1}


@pytest.mark.attack(35)
def test_one_of_many_uses_a_dpop_proof(address: str) -> None:
    """RFC 9449 §11.1: one `jti` is believed once."""
    key = ECKey.generate_key("P-256")
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    now = int(time.time())  # noqa: TID251 - what a client would do
    claims = {"jti": uuid.uuid4().hex, "htm": "POST", "htu": f"{address}/oauth/token", "iat": now}
    proof = {"DPoP": jwt.encode(header, claims, key)}
    form = {"grant_type": "client_credentials"}
    found = outcomes(
        lambda session: session.post(f"{address}/oauth/token", data=form, auth=CONNECTOR, headers=proof, timeout=60)
    )
    assert found == {(200, None): 1, (400, "invalid_dpop_proof"): AT_ONCE - 1}
