"""What clients may wish of ID tokens: the algorithm, single claims, and whose they are (OpenID Connect Core)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from sandbox.access.client import Client
from sandbox.access.keys import SigningKey
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import current_tenant_id
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, USER, Journey, arrived
from tests.sandbox.oauth.signing import sign

HASHES = {"ES256": hashlib.sha256, "RS256": hashlib.sha256, "EdDSA": hashlib.sha512}


def register(acme: Acme, **options: Any) -> None:
    with acme(), transaction() as session:
        session.get_one(Client, (current_tenant_id(), "demo-web")).options = options


def verified(go: Journey, value: str, alg: str) -> dict[str, Any]:
    """The claims, if jwcrypto finds the signature genuine by the published keys."""
    jws = JWS()
    jws.allowed_algs = [alg]
    jws.deserialize(value, JWKSet.from_json(go.http.get("/oauth/jwks").get_data(as_text=True)))
    claims: dict[str, Any] = json.loads(jws.payload)
    return claims


def payload(value: str) -> dict[str, Any]:
    part = value.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


@pytest.mark.requirement("OpenID Connect Registration §2", "MUST")
@pytest.mark.requirement("OpenID Connect Core §15.1", "MUST")
@pytest.mark.parametrize("alg", HASHES)
def test_algorithm_is_the_registered_one(go: Journey, acme: Acme, alg: str) -> None:
    """Signed with it, by a key that is published, and `at_hash` made with its hash; RS256 can be had."""
    register(acme, id_token_signed_response_alg=alg)
    answer = go.tokens()
    claims = verified(go, answer["id_token"], alg)
    half = HASHES[alg](answer["access_token"].encode()).digest()
    assert claims["at_hash"] == base64.urlsafe_b64encode(half[: len(half) // 2]).rstrip(b"=").decode()


def test_key_is_there_before_the_code_is(go: Journey, acme: Acme) -> None:
    """A key that is made in a transaction that ends in a refusal would sign tokens, and be published nowhere."""
    register(acme, id_token_signed_response_alg="RS256")
    go.code()
    with acme():
        assert {key.algorithm for key in db.session.query(SigningKey).all()} == {"RS256"}


def test_algorithm_that_is_not_ours_is_refused_at_once(go: Journey, acme: Acme) -> None:
    register(acme, id_token_signed_response_alg="none")
    assert arrived(go.authorize())["error"] == "unauthorized_client"


@pytest.mark.requirement("OpenID Connect Core §5.5", "MUST")
def test_claims_are_told_where_they_are_wished(visitor: Journey) -> None:
    """In the ID token, as far as the scopes allow them; what nobody knows is left out."""
    wish = {"id_token": {"email": None, "name": {"essential": True}, "shoe_size": None}, "userinfo": {"email": None}}
    claims = payload(visitor.tokens(scope="openid email", claims=json.dumps(wish))["id_token"])
    assert claims["email"] == USER[0]
    assert not claims.keys() & {"name", "shoe_size"}
    assert "email" not in payload(visitor.tokens(scope="openid email")["id_token"])


@pytest.mark.parametrize(
    "claims", ["[]", "{", "1", '{"id_token": []}', '{"id_token": {"email": 1}}', '{"userinfo": 5}']
)
def test_malformed_claims_parameter_is_refused(visitor: Journey, claims: str) -> None:
    told = arrived(visitor.authorize(claims=claims))
    assert (told["error"], "section 5.5" in told["error_description"]) == ("invalid_request", True)


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "SHOULD")
@pytest.mark.parametrize("by", ["id_token_hint", "claims"])
def test_expected_person_is_the_only_one_who_will_do(go: Journey, by: str) -> None:
    """A hint, or a `sub` with a value: silently for the right person, `login_required` for any other."""
    hint = go.tokens()["id_token"]
    sub = json.dumps({"id_token": {"sub": {"value": payload(hint)["sub"]}}})
    wish = {by: hint if by == "id_token_hint" else sub}
    assert "code" in arrived(go.authorize(prompt="none", **wish))
    go.sign_in(ADMIN)
    go.consent()
    assert arrived(go.authorize(prompt="none", **wish))["error"] == "login_required"
    login = go.authorize(**wish)
    assert urlsplit(login.headers["Location"]).path == "/login"
    stubborn = go.follow(go.submit(go.follow(login), email=ADMIN[0], password=ADMIN[1]))
    assert arrived(stubborn)["error"] == "login_required"
    right = go.follow(go.submit(go.follow(login), email=USER[0], password=USER[1]))
    assert "code" in arrived(right)


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "MUST")
def test_hint_must_be_an_id_token_of_ours_for_this_client(visitor: Journey) -> None:
    """Forged, foreign, of another kind or for another client: refused, and told so."""
    answer = visitor.tokens()
    mine = payload(answer["id_token"])
    hints = [answer["access_token"], "x", sign(mine, typ="JWT"), answer["id_token"][:-4] + "AAAA"]
    told = [arrived(visitor.authorize(id_token_hint=hint)) for hint in hints]
    foreign = visitor.authorize(
        client_id="demo-native", redirect_uri="http://127.0.0.1/callback", id_token_hint=answer["id_token"]
    )
    assert {refusal["error"] for refusal in [*told, arrived(foreign)]} == {"invalid_request"}
