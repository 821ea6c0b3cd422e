"""What the API accepts as an access token, and how quickly a change counts (RFC 6750, RFC 9068, rulings 1)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select

from sandbox.access.client import Client
from sandbox.access.keys import public_keys, signing_key
from sandbox.access.token import TokenFamily, revoke_access_token, revoke_families
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.foundation.tenancy import enter, touch
from sandbox.resources.roles import service as roles
from tests import builders

Token = Callable[..., dict[str, str]]


def status(client: FlaskClient, headers: dict[str, str]) -> int:
    return client.get("/v1/roles", headers=headers).status_code


@pytest.mark.requirement("RFC 6750 §3.1", "SHOULD")
def test_request_without_credentials_gets_no_error_code(client: FlaskClient) -> None:
    """Only the way to get some."""
    answer = client.get("/v1/roles")
    assert answer.status_code == 401
    assert "error=" not in answer.headers["WWW-Authenticate"]


@pytest.mark.attack(37)
@pytest.mark.requirement("RFC 6750 §2.2", "MAY")
@pytest.mark.requirement("RFC 6750 §2.3", "MAY")
@pytest.mark.requirement("RFC 9700 §4.3.2", "MUST")
@pytest.mark.parametrize("place", ["query", "body", "basic", "two words"])
def test_token_is_taken_from_the_header_only(client: FlaskClient, token: Token, place: str) -> None:
    """Attack 37: the query and the body of RFC 6750 §2.2 and §2.3 are refused."""
    value = token("roles:read")["Authorization"].removeprefix("Bearer ")
    answers = {
        "query": lambda: client.get("/v1/roles", query_string={"access_token": value}),
        "body": lambda: client.get("/v1/roles", data={"access_token": value}),
        "basic": lambda: client.get("/v1/roles", headers={"Authorization": f"Basic {value}"}),
        "two words": lambda: client.get("/v1/roles", headers={"Authorization": f"Bearer {value} x"}),
    }
    assert answers[place]().status_code == 401


@pytest.mark.requirement("RFC 9068 §4", "MUST")
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://elsewhere"},
        {"aud": "http://localhost"},
        {"exp": 1},
        {"jti": "tok_unknown"},
        {"jti": None},
        {"aud": None},
    ],
    ids=str,
)
def test_claims_must_fit(app: Flask, client: FlaskClient, claims: dict[str, object]) -> None:
    """RFC 9068 §4."""
    with app.app_context(), enter("acme"):
        value = builders.an_access_token("roles:read", **claims)
    answer = client.get("/v1/roles", headers={"Authorization": f"Bearer {value}"})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.attack(37)
@pytest.mark.requirement("RFC 8725 §3.1", "MUST")
@pytest.mark.parametrize(
    "trick",
    [
        "none",
        "public key as HMAC",
        "own key in header",
        "jku",
        "x5u",
        "crit",
        "refresh token",
        "id token",
        "garbage",
        "cut",
    ],
)
def test_forged_token_is_refused(app: Flask, client: FlaskClient, trick: str) -> None:
    """Attacks 25 and 37: algorithm and key are ours to choose; no address of a header is fetched (sockets are closed)."""
    with app.app_context(), enter("acme"):
        good = builders.an_access_token("roles:read")
        pem = public_keys().keys[0].as_pem(private=False)
    claims = {"iss": "http://localhost", "aud": "http://localhost/v1", "exp": wall_seconds() + 60, "jti": "tok_x"}
    own = ECKey.generate_key("P-256")
    forged = {
        "none": good.split(".")[0].replace("RVMyNTYi", "bm9uZSI") + "." + good.split(".")[1] + ".",
        "public key as HMAC": _hmac_signed(claims, pem),
        "own key in header": jwt.encode(
            {"alg": "ES256", "typ": "at+jwt", "jwk": own.as_dict(private=False)}, claims, own
        ),
        "jku": _signed({"jku": "https://evil.example/jwks"}, claims, own),
        "x5u": _signed({"x5u": "https://evil.example/chain"}, claims, own),
        "crit": _signed({"crit": ["unknown"], "unknown": True}, claims, own),
        "refresh token": new_secret(),
        "id token": good.replace(good.split(".")[0], "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"),
        "garbage": "\x7f.\x00.%",
        "cut": good[:-2],
    }[trick]
    assert status(client, {"Authorization": f"Bearer {forged}"}) == 401


@pytest.mark.requirement("RFC 7515 §4.1.11", "MUST")
@pytest.mark.parametrize(
    "header", [{"alg": "ES256", "crit": 5}, {"alg": "ES256", "crit": ["x"]}, {"alg": ["ES256"]}, {}]
)
def test_malformed_header_is_refused(client: FlaskClient, token: Token, header: dict[str, object]) -> None:
    """Whatever the header contains, before anybody has proven anything: 401, never our fault."""
    token("roles:read")
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    assert status(client, {"Authorization": f"Bearer {head}.e30.AAAA"}) == 401


@pytest.mark.requirement("RFC 8725 §3.10", "MUST")
@pytest.mark.parametrize("member", ["jku", "x5u", "jwk", "x5c"])
def test_header_that_speaks_of_other_keys_does_not_choose_one(app: Flask, client: FlaskClient, member: str) -> None:
    """Even beside the kid of a published key: the signature has to be by that key."""
    with app.app_context(), enter("acme"):
        good = builders.an_access_token("roles:read")
        kid, ours = signing_key()
    own, claims = ECKey.generate_key("P-256"), json.loads(_decoded(good.split(".")[1]))
    assert isinstance(ours, ECKey)
    assert status(client, {"Authorization": f"Bearer {_signed({'kid': kid}, claims, ours)}"}) == 200
    value = {"jwk": own.as_dict(private=False), "x5c": ["AAAA"]}.get(member, "https://evil.example/keys")
    assert status(client, {"Authorization": f"Bearer {_signed({'kid': kid, member: value}, claims, own)}"}) == 401


@pytest.mark.requirement("RFC 7009 §2.1", "MUST")
def test_revoked_token_fails_on_the_next_request(app: Flask, client: FlaskClient, token: Token) -> None:
    """Attack 38, CVE-2023-0091: at the resource too, at once."""
    headers = token("roles:read")
    assert status(client, headers) == 200
    with app.app_context(), enter("acme"):
        (token_id,) = [claims["jti"] for claims in [_claims(headers)]]
        assert revoke_access_token(token_id)
    assert status(client, headers) == 401


def test_revoked_family_fails_on_the_next_request(app: Flask, client: FlaskClient, token: Token) -> None:
    headers = token("roles:read")
    assert status(client, headers) == 200
    with app.app_context(), enter("acme"):
        assert revoke_families("test", TokenFamily.client_id == "demo") == 1
    assert status(client, headers) == 401


def test_disabled_client_fails_on_the_next_request(app: Flask, client: FlaskClient, token: Token) -> None:
    headers = token("roles:read")
    assert status(client, headers) == 200
    with app.app_context(), enter("acme"), transaction() as session:
        session.scalars(select(Client)).one().status = "disabled"
        touch()
    assert status(client, headers) == 401


@pytest.mark.control("IAM-SaaS-18", call="any, with less scope than it needs")
def test_permission_is_scope_and_roles_now(app: Flask, client: FlaskClient, token: Token) -> None:
    """Role removed: 403 on the next request (rulings 1)."""
    with app.app_context(), enter("acme"):
        user, role = builders.a_user(), builders.a_role(scope="roles:read")
        roles.grant(role.id, user_id=user.id)
    headers = token("roles:read users:read", user_id=user.id)
    assert status(client, headers) == 200
    with app.app_context(), enter("acme"):
        roles.revoke(role.id, user_id=user.id)
    answer = client.get("/v1/roles", headers=headers)
    assert answer.status_code == 403
    assert 'error="insufficient_scope", scope="roles:read"' in answer.headers["WWW-Authenticate"]


@pytest.mark.requirement("RFC 6750 §3.1", "MUST")
@pytest.mark.control("IAM-SaaS-18", call="any, with less scope than it needs")
def test_insufficient_scope_is_named_in_the_challenge(client: FlaskClient, token: Token) -> None:
    """Attack 39: 403 with WWW-Authenticate that names the error, the scope, and the resource's metadata."""
    answer = client.get("/v1/roles", headers=token("users:read"))
    challenge = answer.headers["WWW-Authenticate"]
    assert (answer.status_code, challenge.startswith("Bearer ")) == (403, True)
    for part in ('error="insufficient_scope"', 'scope="roles:read"', "resource_metadata="):
        assert part in challenge


def test_role_does_not_widen_the_granted_scope(app: Flask, client: FlaskClient, token: Token) -> None:
    with app.app_context(), enter("acme"):
        user, role = builders.a_user(), builders.a_role(scope="roles:read audit:read")
        roles.grant(role.id, user_id=user.id)
    assert client.get("/v1/audit-events", headers=token("roles:read", user_id=user.id)).status_code == 403


def test_suspended_user_s_token_fails_on_the_next_request(app: Flask, client: FlaskClient, token: Token) -> None:
    with app.app_context(), enter("acme"):
        user, role = builders.a_user(), builders.a_role(scope="roles:read")
        roles.grant(role.id, user_id=user.id)
    headers = token("roles:read", user_id=user.id)
    assert status(client, headers) == 200
    with app.app_context(), enter("acme"), transaction() as session:
        session.merge(user).status = "suspended"
        touch()
    assert status(client, headers) == 401


def test_denied_request_reaches_the_audit_log(client: FlaskClient, token: Token) -> None:
    client.get("/v1/roles", headers=token("users:read"))
    answer = client.get("/v1/audit-events?action=access.denied", headers=token("audit:read"))
    (event,) = answer.json["data"]
    assert event["outcome"] == {"result": "denied", "reason": "insufficient_scope"}
    assert event["details"] == {"method": "GET", "path": "/v1/roles", "required_scope": "roles:read"}
    assert event["client"]["id"] == "demo"


def _hmac_signed(claims: dict[str, object], key: bytes) -> str:
    """Sign with the public key as if it were a shared secret, which no honest library does."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "at+jwt"}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")
    return (text + b"." + mac).decode()


def _signed(header: dict[str, object], claims: dict[str, object], key: ECKey) -> str:
    """Sign whatever header, also one that joserfc would not write."""
    parts = [json.dumps(part).encode() for part in ({"alg": "ES256", "typ": "at+jwt", **header}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    private = key.private_key
    assert private is not None
    r, s = decode_dss_signature(private.sign(text, ECDSA(SHA256())))
    seal = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
    return (text + b"." + seal).decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _claims(headers: dict[str, str]) -> dict[str, str]:
    decoded: dict[str, str] = json.loads(_decoded(headers["Authorization"].split(".")[1]))
    return decoded
