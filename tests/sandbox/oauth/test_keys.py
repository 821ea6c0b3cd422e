"""Signing keys as clients see them: published before they sign, pinned to one algorithm, replaced without a gap."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from sandbox.access import key_rotation, keys
from sandbox.access.client import find_client
from sandbox.access.jose import OUR_ALGORITHMS
from sandbox.access.keys import SigningKey, make_key, signers, signing_key
from sandbox.foundation import clock
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import touch
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, WEB, Journey

Logged = Callable[..., list[dict[str, Any]]]
OVERLAP = 300


def issued(go: Journey) -> str:
    value: str = go.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    return value


def kid_of(token: str) -> str:
    kid: str = part(token, 0)["kid"]
    return kid


def part(token: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(token.split(".")[number] + "=="))
    return found


def published(go: Journey) -> dict[str, dict[str, Any]]:
    return {key["kid"]: key for key in go.http.get("/oauth/jwks").get_json()["keys"]}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Let wall time pass for the keys: `later(300)`."""
    passed = timedelta()

    def moved() -> datetime:
        return clock.wall_now() + passed

    def go_on(seconds: int) -> None:
        nonlocal passed
        passed += timedelta(seconds=seconds)

    for module in (keys, key_rotation):
        monkeypatch.setattr(module, "wall_now", moved)
    yield go_on


@pytest.mark.requirement("RFC 7517 §9.3", "MUST")
def test_keys_are_public_ones_only(visitor: Journey) -> None:
    """Every algorithm that a client may choose has a key before its first use; of each only the public half is told."""
    found = published(visitor).values()
    assert sorted(key["alg"] for key in found) == sorted(OUR_ALGORITHMS)
    members = {"EC": {"crv", "x", "y"}, "RSA": {"n", "e"}, "OKP": {"crv", "x"}}
    assert all(key.keys() == members[key["kty"]] | {"kty", "kid", "alg", "use"} for key in found)
    assert {key["use"] for key in found} == {"sig"}


def test_judge_that_knows_nothing_of_jose_verifies_a_token(visitor: Journey) -> None:
    """RFC 7515 §5.2 by hand, with the key that the JWKS names for it."""
    token = issued(visitor)
    key = published(visitor)[kid_of(token)]
    x, y = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "=="), "big") for name in "xy")
    public = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    signed, _, seal = token.rpartition(".")
    raw = base64.urlsafe_b64decode(seal + "==")
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(signature, signed.encode(), ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, signed.encode() + b"x", ECDSA(SHA256()))


@pytest.mark.requirement("OpenID Connect Core §10.1.1", "SHOULD")
def test_next_key_is_published_before_it_signs(go: Journey, acme: Acme, later: Callable[[int], None]) -> None:
    """Announce, activate, withdraw: verifiers with an old JWKS never meet an unknown kid, and no token dies early."""
    first = issued(go)
    with acme():
        fact = key_rotation.rotate("ES256", overlap_seconds=OVERLAP)
    assert (fact.former, fact.kid in published(go)) == (kid_of(first), True)
    assert kid_of(issued(go)) == fact.former
    later(OVERLAP + 1)
    second = issued(go)
    assert (kid_of(second), {fact.former, fact.kid} <= published(go).keys()) == (fact.kid, True)
    assert (go.use(first, "/v1/roles"), go.use(second, "/v1/roles")) == (200, 200)
    with acme():
        former = next(signer.key for signer in signers() if signer.kid == fact.former)
    forged = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": fact.former}, part(first, 1), former)
    assert go.use(forged, "/v1/roles") == 200
    later(3600)
    too_late = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": fact.former}, part(first, 1), former)
    assert (fact.former in published(go), go.use(too_late, "/v1/roles")) == (False, 401)
    with acme():
        assert key_rotation.withdraw("ES256") == (fact.former,)
    assert go.use(second, "/v1/roles") == 200


def test_published_key_can_be_put_to_use_at_once(go: Journey, acme: Acme, later: Callable[[int], None]) -> None:
    """Two steps: a long overlap announces, none activates the same key."""
    with acme():
        announced = key_rotation.rotate("ES256", overlap_seconds=86_400)
        later(1)
        activated = key_rotation.rotate("ES256", overlap_seconds=0)
        assert (activated.kid, announced.kid) == (announced.kid, announced.kid)
        later(1)
        assert signing_key()[0] == announced.kid
        states = [key["state"] for key in key_rotation.list_keys() if key["algorithm"] == "ES256"]
    assert states == ["former", "signing"]


def test_withdrawing_at_once_kills_what_the_key_signed(go: Journey, acme: Acme, later: Callable[[int], None]) -> None:
    """A key that leaked: its tokens fail on the next request, those of the present key do not."""
    first = issued(go)
    assert go.use(first, "/v1/roles") == 200
    with acme():
        key_rotation.rotate("ES256", overlap_seconds=0)
        later(1)
        assert key_rotation.withdraw("ES256") == ()
        assert key_rotation.withdraw("ES256", at_once=True) == (kid_of(first),)
    assert (go.use(first, "/v1/roles"), go.use(issued(go), "/v1/roles")) == (401, 200)


def test_signing_key_is_never_withdrawn(go: Journey, acme: Acme) -> None:
    value = issued(go)
    with acme():
        assert key_rotation.withdraw("ES256", at_once=True) == ()
        assert key_rotation.withdraw("RS256", at_once=True) == ()
    assert go.use(value, "/v1/roles") == 200


def test_rotation_is_logged(go: Journey, acme: Acme, logged: Logged, later: Callable[[int], None]) -> None:
    with acme():
        fact = key_rotation.rotate("EdDSA", overlap_seconds=0)
        later(1)
        key_rotation.withdraw("EdDSA", at_once=True)
    rotated, withdrawn = logged("oauth.key.rotated", "oauth.key.withdrawn")
    assert rotated["targets"] == [{"type": "key", "id": fact.kid, "name": "EdDSA"}]
    assert (rotated["details"]["former"], rotated["details"]["algorithm"]) == (fact.former, "EdDSA")
    assert [target["id"] for target in withdrawn["targets"]] == [fact.former]


def test_tenants_have_keys_of_their_own(go: Journey, another: Journey) -> None:
    other = another.http.get("/t/other/oauth/jwks").get_json()["keys"]
    assert not published(go).keys() & {key["kid"] for key in other}


@pytest.mark.parametrize("algorithm", OUR_ALGORITHMS)
def test_access_tokens_are_signed_as_the_client_chose(go: Journey, algorithm: str) -> None:
    """By `access_token_signed_response_alg`; the key was published when the client was registered."""
    told = go.register(
        access_token_signed_response_alg=algorithm,
        grant_types=["client_credentials"],
        redirect_uris=None,
        scope="roles:read",
    ).get_json()
    auth = (told["client_id"], told["client_secret"])
    value = go.token(auth=auth, grant_type="client_credentials").get_json()["access_token"]
    assert (part(value, 0)["alg"], published(go)[kid_of(value)]["alg"]) == (algorithm, algorithm)
    assert go.use(value, "/v1/roles") == 200


@pytest.mark.requirement("RFC 8725 §3.1", "MUST")
def test_key_verifies_its_own_algorithm_only(go: Journey, acme: Acme) -> None:
    """PS256 with an RS256 key, another key's kid, no kid, and an unknown one are all refused."""
    claims = part(issued(go), 1)
    with acme():
        kid, key = signing_key("RS256")
        other, _ = signing_key("ES256")
    assert isinstance(key, RSAKey)
    sound = {"alg": "RS256", "typ": "at+jwt", "kid": kid}
    pair = RSAKey.import_key({name: value for name, value in key.as_dict(private=True).items() if name != "alg"})
    assert go.use(jwt.encode(sound, claims, pair, algorithms=["RS256"]), "/v1/roles") == 200
    for changes in ({"alg": "PS256"}, {"kid": other}, {"kid": "unknown"}, {"kid": ""}, {"kid": "\x00"}):
        forged = jwt.encode({**sound, **changes}, claims, pair, algorithms=["RS256", "PS256"])
        assert go.use(forged, "/v1/roles") == 401
    nameless = jwt.encode({"alg": "RS256", "typ": "at+jwt"}, claims, RSAKey.import_key(pair.as_pem(private=True)))
    assert ("kid" in part(nameless, 0), go.use(nameless, "/v1/roles")) == (False, 401)


def test_refusal_does_not_leave_a_key_in_memory_that_is_nowhere_else(
    go: Journey, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is made inside a transaction vanishes with it, so nothing may sign with it afterwards."""
    told = go.register(grant_types=["client_credentials"], redirect_uris=None, scope="roles:read").get_json()
    auth = (told["client_id"], told["client_secret"])
    with acme(), transaction():
        find_client(told["client_id"]).options = {"access_token_signed_response_alg": "RS256"}  # type: ignore[union-attr]
        touch()
    with monkeypatch.context() as patch:
        patch.setattr("sandbox.oauth.tokens._record", lambda *_: 1 / 0)
        assert go.token(auth=auth, grant_type="client_credentials").status_code == 500
    value = go.token(auth=auth, grant_type="client_credentials").get_json()["access_token"]
    assert go.use(value, "/v1/roles") == 200


def test_first_key_is_made_once(go: Journey, acme: Acme) -> None:
    with acme():
        for _ in range(3):
            signing_key()
        assert db.session.query(SigningKey).filter_by(algorithm="ES256").count() == 1
        assert make_key().id != signing_key("EdDSA")[0]
    KeySet.import_key_set(go.http.get("/oauth/jwks").get_json())
    assert go.token(auth=WEB, grant_type="client_credentials").status_code == 400
