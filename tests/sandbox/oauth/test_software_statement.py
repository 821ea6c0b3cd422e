"""Software that its publisher vouches for (RFC 7591 §2.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from sandbox.oauth import software_statement
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import Journey

KEY = ECKey.generate_key("P-256", parameters={"kid": "theirs"})
JWKS = {"keys": [KEY.as_dict(private=False)]}
PUBLISHER = "https://publisher.example"


@pytest.fixture
def trusted(go: Journey, acme: Acme) -> Journey:
    """A journey to a server that believes the publisher."""
    with acme():
        assert software_statement.trust(PUBLISHER, orjson.dumps(JWKS)) == 1
    return go


def statement(key: ECKey = KEY, **claims: Any) -> str:
    given = {"iss": PUBLISHER, "software_id": "theirs", "client_name": "Vouched for", **claims}
    return jwt.encode({"alg": "ES256"}, given, key)


def by_hand(algorithm: str, secret: bytes | None = None) -> str:
    """A statement that no library would make."""
    parts = [orjson.dumps({"alg": algorithm, "kid": "theirs"}), orjson.dumps({"iss": PUBLISHER})]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    seal = hmac.new(secret, signed, hashlib.sha256).digest() if secret else b""
    return (signed + b"." + base64.urlsafe_b64encode(seal).rstrip(b"=")).decode()


@pytest.mark.requirement("RFC 7591 §2.3", "MUST")
def test_claims_of_the_software_statement_win(trusted: Journey) -> None:
    """What its publisher signed takes precedence, and the statement is told unmodified."""
    value = statement()
    told = trusted.register(software_statement=value, client_name="Invented", software_version="7").get_json()
    expected = {"client_name": "Vouched for", "software_id": "theirs", "software_version": "7"}
    assert (expected | {"software_statement": value}).items() <= told.items()


def test_software_statement_is_held_to_the_rules_too(trusted: Journey) -> None:
    refused = trusted.register(software_statement=statement(redirect_uris=["http://evil.example/"]))
    assert refused.get_json()["error"] == "invalid_redirect_uri"


@pytest.mark.requirement("RFC 7591 §3.2.2", "MUST")
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (statement(iss="https://stranger.example"), "unapproved_software_statement"),
        (statement(key=ECKey.generate_key("P-256")), "invalid_software_statement"),
        (statement(exp=1), "invalid_software_statement"),
        (statement(iss=7), "invalid_software_statement"),
        (by_hand("HS256", KEY.as_pem(private=False)), "invalid_software_statement"),
        (by_hand("none"), "invalid_software_statement"),
        (statement()[:-4] + "AAAA", "invalid_software_statement"),
        ("a.b.c", "invalid_software_statement"),
        ("ü", "invalid_software_statement"),
        ("", "invalid_software_statement"),
        (7, "invalid_software_statement"),
        (["x"], "invalid_software_statement"),
    ],
)
def test_software_statement_that_proves_nothing_is_refused(trusted: Journey, value: Any, error: str) -> None:
    """Each kind of failure has its own code; none is a 500."""
    refused = trusted.register(software_statement=value)
    assert (refused.status_code, refused.get_json()["error"]) == (400, error)


@pytest.mark.parametrize("jwks", [b"", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'])
def test_publisher_without_public_keys_is_not_trusted(go: Journey, acme: Acme, jwks: bytes) -> None:
    with acme(), pytest.raises(ValueError, match="no set of public keys"):
        software_statement.trust(PUBLISHER, jwks)
