"""Which keys and algorithms verify the assertion of a client: its own, of our choice, and nothing that comes along."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jwcrypto.jwk import JWK

from sandbox.foundation.clock import wall_seconds
from tests.assertions import Signer, claims, unsigned, with_secret
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import Journey
from tests.sandbox.oauth.keyed import OTHER, SIGNER, a_key_client, ask, assert_refused


@pytest.mark.requirement("RFC 7518 §3.1", "SHOULD")
@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256", "EdDSA"])
def test_asymmetric_algorithms_are_accepted(go: Journey, acme: Acme, algorithm: str) -> None:
    signer = Signer(algorithm)
    with acme():
        a_key_client(jwks=signer.jwks)
    assert ask(go, signer.sign(claims("keyed"))).status_code == 200


@pytest.mark.requirement("RFC 7591 §2", "MUST")
def test_registered_algorithm_binds(go: Journey, acme: Acme) -> None:
    """RFC 7591 §2 `token_endpoint_auth_signing_alg`: PS256 and RS256 share a key, and are not the same."""
    signer = Signer("PS256")
    with acme():
        a_key_client(jwks=signer.jwks, options={"token_endpoint_auth_signing_alg": "PS256"})
    assert ask(go, signer.sign(claims("keyed"))).status_code == 200
    assert_refused(ask(go, signer.sign(claims("keyed"), alg="RS256")))


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.4.1", "MUST")
def test_rs256_is_not_for_clients_of_the_fapi_profile(go: Journey, acme: Acme) -> None:
    signer = Signer("RS256")
    with acme():
        a_key_client(jwks=signer.jwks, profile="fapi2")
    assert_refused(ask(go, signer.sign(claims("keyed"))))
    accepted = ask(go, signer.sign(claims("keyed"), alg="PS256"))
    assert accepted.get_json()["error"] == "invalid_request", "It is who it says, and has to send a DPoP proof too."


@pytest.mark.attack(25)
@pytest.mark.requirement("RFC 8725 §3.1", "MUST")
def test_algorithm_is_never_the_attackers_choice(keyed: Journey) -> None:
    """RFC 8725 §3.1; CVE-2026-28802, CVE-2024-37568: `none`, and the public key taken for a secret in all its spellings."""
    pem = SIGNER.key.export_to_pem()
    spellings = [pem, pem.strip(), json.dumps(SIGNER.public).encode(), SIGNER.public["x"].encode(), b""]
    hostile = [unsigned(claims("keyed")), unsigned(claims("keyed"), kid="first")]
    hostile += [with_secret(claims("keyed"), secret, kid="first") for secret in spellings if secret]
    for assertion in hostile:
        assert_refused(ask(keyed, assertion))


@pytest.mark.attack(25)
@pytest.mark.requirement("RFC 8725 §3.10", "MUST")
@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c"])
def test_key_in_the_header_is_never_believed(keyed: Journey, member: str) -> None:
    """RFC 8725 §3.10; CVE-2026-27962: what the attacker brings along is not the client's."""
    values = {"jwk": OTHER.public, "jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/x", "x5c": ["AAAA"]}
    assert_refused(ask(keyed, OTHER.sign(claims("keyed"), **{member: values[member]})))
    assert_refused(ask(keyed, OTHER.sign(claims("keyed"), kid=None, **{member: values[member]})))


@pytest.mark.attack(25)
@pytest.mark.requirement("RFC 7515 §4.1.11", "MUST")
def test_critical_header_that_nobody_understands_is_refused(keyed: Journey) -> None:
    """RFC 7515 §4.1.11; CVE-2025-59420."""
    token = SIGNER.sign(claims("keyed"))
    header = json.dumps({"alg": "ES256", "kid": "first", "crit": ["exp"], "exp": wall_seconds() + 60})
    assert ask(keyed, token).status_code == 200
    assert_refused(ask(keyed, _signed_with_header(header)))


@pytest.mark.requirement("RFC 8725 §3.11", "SHOULD")
@pytest.mark.parametrize(
    ("kind", "status"),
    [(None, 200), ("jwt", 200), ("client-authentication+jwt", 200), ("at+jwt", 401), ("dpop+jwt", 401), (7, 401)],
)
def test_another_kind_of_jwt_is_no_assertion(keyed: Journey, kind: Any, status: int) -> None:
    """RFC 8725 §3.11: what a client signed for another purpose is not its authentication."""
    assert ask(keyed, SIGNER.sign(claims("keyed"), typ=kind)).status_code == status


@pytest.mark.requirement("RFC 7515 §4.1.4", "MAY")
def test_key_is_found_by_its_name(go: Journey, acme: Acme) -> None:
    """RFC 7515 §4.1.4: a name that is not there is refused, none at all means any."""
    second = Signer(kid="second")
    with acme():
        a_key_client(jwks={"keys": [SIGNER.public, second.public]})
    assert ask(go, second.sign(claims("keyed"))).status_code == 200
    assert ask(go, second.sign(claims("keyed"), kid=None)).status_code == 200
    assert_refused(ask(go, second.sign(claims("keyed"), kid="first")))
    assert_refused(ask(go, second.sign(claims("keyed"), kid="third")))


@pytest.mark.requirement("RFC 7517 §4.2", "SHOULD")
@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"alg": "ES384"}, {"kty": "XY"}, {"x": "AA"}, {"crv": "P-521"}, {"kty": None}, {"x": 7}]
)
def test_key_that_is_for_something_else_verifies_nothing(go: Journey, acme: Acme, change: dict[str, Any]) -> None:
    with acme():
        a_key_client(jwks={"keys": [{**SIGNER.public, **change}]})
    assert_refused(ask(go, SIGNER.sign(claims("keyed"))))


@pytest.mark.requirement("RFC 7518 §3.3", "MUST")
def test_short_rsa_key_verifies_nothing(go: Journey, acme: Acme) -> None:
    signer = Signer("PS256")
    signer.key = JWK.generate(kty="RSA", size=1024, kid="first")
    with acme():
        a_key_client(jwks=signer.jwks)
    assert_refused(ask(go, signer.sign(claims("keyed"))))


def _signed_with_header(header: str) -> str:
    """jwcrypto refuses to sign a header that it does not understand itself, so that joserfc has to."""
    from joserfc.jwk import ECKey
    from joserfc.jws import JWSRegistry, serialize_compact
    from joserfc.registry import HeaderParameter

    registry = JWSRegistry({"exp": HeaderParameter("", "int")}, algorithms=["ES256"])
    key = ECKey.import_key(SIGNER.key.export_private(as_dict=True))
    return serialize_compact(json.loads(header), json.dumps(claims("keyed")), key, registry=registry)
