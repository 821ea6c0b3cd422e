"""Clients that sign instead of keeping a secret with us (RFC 7523 §2.2, §3), attacked with what another library makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from werkzeug.test import TestResponse

from sandbox.access.client import find_client
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from tests import builders
from tests.assertions import ASSERTION_TYPE, ISSUER, Signer, claims, form, unsigned, with_secret
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, Journey
from tests.sandbox.oauth.test_races import AT_ONCE, all_at_once, outcomes

GRANT = {"grant_type": "client_credentials"}
SIGNER, OTHER = Signer(), Signer()
Logged = Callable[..., list[dict[str, Any]]]


def a_key_client(client_id: str = "keyed", **given: Any) -> None:
    usual = {"auth_method": "private_key_jwt", "secret_hash": None, "jwks": SIGNER.jwks}
    builders.a_client(client_id, **{**usual, **given})


@pytest.fixture
def keyed(go: Journey, acme: Acme) -> Journey:
    """A journey where `keyed` is registered with the key of SIGNER."""
    with acme():
        a_key_client()
    return go


def ask(go: Journey, assertion: str, **fields: str) -> TestResponse:
    return go.token(auth=None, **form(assertion, **GRANT, **fields))


def asked(go: Journey, **changes: Any) -> TestResponse:
    """Ask with a well-signed assertion of these claims."""
    return ask(go, SIGNER.sign(claims("keyed", **changes)))


def assert_refused(answer: TestResponse) -> None:
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (401, "invalid_client"), body
    assert body["error_description"].endswith(").")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.requirement("RFC 7523 §3", "MUST")
def test_client_authenticates_with_its_signature(keyed: Journey) -> None:
    """RFC 7523 §3: and gets a token that works."""
    answer = asked(keyed)
    assert answer.status_code == 200, answer.get_json()
    assert keyed.use(answer.get_json()["access_token"], "/v1/roles") == 200


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


@pytest.mark.attack(23)
@pytest.mark.requirement("RFC 7523 §3", "MAY")
def test_assertion_counts_once(keyed: Journey) -> None:
    """RFC 7523 §3 item 7; CVE-2020-5300: also where the first request was refused for another reason."""
    first, second = (SIGNER.sign(claims("keyed")) for _ in range(2))
    assert ask(keyed, first).status_code == 200
    assert_refused(ask(keyed, first))
    assert ask(keyed, second, scope="nothing:known").get_json()["error"] == "invalid_scope"
    assert_refused(ask(keyed, second))


@pytest.mark.requirement("RFC 7523 §3", "MAY")
def test_jti_of_another_client_is_not_spent(keyed: Journey, acme: Acme) -> None:
    with acme():
        a_key_client("neighbor", jwks=OTHER.jwks)
    assert asked(keyed, jti="same").status_code == 200
    assert ask(keyed, OTHER.sign(claims("neighbor", jti="same"))).status_code == 200


@pytest.mark.attack(23)
@pytest.mark.storage
@pytest.mark.requirement("RFC 7523 §3", "MAY")
def test_one_of_many_uses_an_assertion(app: Flask, keyed: Journey) -> None:
    """RFC 7523 §3 item 7: twelve at once, on both databases."""
    assertion = SIGNER.sign(claims("keyed"))
    answers = all_at_once(app, lambda journey: ask(journey, assertion))
    assert outcomes(answers) == {(200, None): 1, (401, "invalid_client"): AT_ONCE - 1}


@pytest.mark.attack(24)
@pytest.mark.requirement("RFC 7523bis §3", "MUST")
@pytest.mark.parametrize(
    "audience",
    [
        "https://other.example",
        ISSUER + "/",
        f"{ISSUER}/oauth/token",
        f"{ISSUER}/oauth/par",
        f"{ISSUER}/t/other",
        [ISSUER],
        [ISSUER, "https://other.example"],
        [],
        {},
        1,
        True,
        None,
        "",
    ],
)
def test_audience_is_the_issuer_as_one_string(keyed: Journey, audience: Any) -> None:
    """RFC 7523bis §3, CVE-2025-27370: nothing that another server could use as well."""
    assert_refused(asked(keyed, aud=audience))


@pytest.mark.requirement("RFC 7523 §3", "MAY")
def test_token_endpoint_is_an_audience_where_a_client_needs_it(go: Journey, acme: Acme) -> None:
    """RFC 7523 §3 item 3: a switch per client, for libraries that know nothing else; still no arrays."""
    with acme():
        a_key_client(options={"token_endpoint_as_audience": True})
    endpoint = f"{ISSUER}/oauth/token"
    assert [asked(go, aud=audience).status_code for audience in (endpoint, ISSUER, [endpoint])] == [200, 200, 401]


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


@pytest.mark.attack(26)
@pytest.mark.requirement("RFC 7521 §4.2", "MUST")
def test_client_id_of_the_body_is_the_one_of_the_assertion(keyed: Journey) -> None:
    """RFC 7521 §4.2: or left out."""
    assert ask(keyed, SIGNER.sign(claims("keyed")), client_id="keyed").status_code == 200
    assert_refused(ask(keyed, SIGNER.sign(claims("keyed")), client_id="demo-connector"))


@pytest.mark.attack(26)
@pytest.mark.requirement("RFC 7523 §3", "MUST")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "neighbor"},
        {"sub": "neighbor"},
        {"iss": "neighbor", "sub": "neighbor"},
        {"iss": None},
        {"sub": None},
        {"iss": 7, "sub": 7},
        {"iss": "demo-connector", "sub": "demo-connector"},
        {"iss": "nobody", "sub": "nobody"},
        {"iss": "a\u0000b", "sub": "a\u0000b"},
        {"iss": "x" * 5000, "sub": "x" * 5000},
    ],
)
def test_assertion_speaks_of_its_signer_alone(keyed: Journey, acme: Acme, changes: dict[str, Any]) -> None:
    """RFC 7523 §3 items 1 and 2: issuer and subject are the client whose key it is."""
    with acme():
        a_key_client("neighbor", jwks=OTHER.jwks)
    assert_refused(asked(keyed, **changes))


@pytest.mark.requirement("RFC 7523 §3", "MUST")
@pytest.mark.parametrize(
    ("changes", "accepted"),
    [
        ({"exp": lambda now: now + 295}, True),
        ({"exp": lambda now: now + 600}, False),
        ({"exp": lambda now: now - 30}, False),
        ({"exp": lambda now: None}, False),
        ({"exp": lambda now: str(now + 60)}, False),
        ({"exp": lambda now: True}, False),
        ({"exp": lambda now: now + 60.5}, True),
        ({"nbf": lambda now: now + 8}, True),
        ({"nbf": lambda now: now + 60}, False),
        ({"iat": lambda now: now + 8}, True),
        ({"iat": lambda now: now + 60}, False),
        ({"nbf": lambda now: "soon"}, False),
        ({"iat": lambda now: [now]}, False),
        ({"iat": lambda now: None}, True),
        ({"jti": lambda now: None}, False),
        ({"jti": lambda now: ""}, False),
        ({"jti": lambda now: 7}, False),
    ],
)
def test_times_are_held_with_some_leeway(
    keyed: Journey, changes: dict[str, Callable[[int], Any]], *, accepted: bool
) -> None:
    """RFC 7523 §3 items 4 to 7; FAPI 2.0 Security Profile §5.3.2.1: nbf 8 seconds ahead passes, 60 does not."""
    now = wall_seconds()
    answer = asked(keyed, **{name: value(now) for name, value in changes.items()})
    assert answer.status_code == 200 if accepted else answer.status_code == 401


@pytest.mark.requirement("RFC 7519 §4.1.4", "MUST")
@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1", "1" + "0" * 400])
def test_numbers_beyond_reason_are_refused(keyed: Journey, number: str) -> None:
    text = json.dumps(claims("keyed", exp=12345)).replace("12345", number)
    assert_refused(ask(keyed, SIGNER.sign(text)))


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


@pytest.mark.attack(21)
@pytest.mark.requirement("RFC 7591 §2", "MUST")
def test_client_that_signs_has_no_other_way_in(keyed: Journey) -> None:
    """RFC 7591 §2: neither a secret, empty or not, nor its name alone; and a secret's client does not sign."""
    assert_refused(keyed.token(auth=("keyed", ""), **GRANT))
    assert_refused(keyed.token(auth=("keyed", "secret"), **GRANT))
    assert_refused(keyed.token(auth=None, client_id="keyed", client_secret="secret", **GRANT))
    assert_refused(keyed.token(auth=None, client_id="keyed", **GRANT))
    assert_refused(keyed.token(auth=None, client_id="keyed", client_secret="", **GRANT))
    assert_refused(ask(keyed, SIGNER.sign(claims("demo-connector"))))


@pytest.mark.attack(19)
@pytest.mark.requirement("RFC 6749 §2.3", "MUST")
def test_assertion_and_secret_together_are_refused(keyed: Journey) -> None:
    answer = keyed.token(auth=CONNECTOR, **form(SIGNER.sign(claims("keyed")), **GRANT))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.requirement("RFC 7521 §4.2", "MUST")
@pytest.mark.parametrize(
    "fields",
    [
        {"client_assertion": "x", "client_assertion_type": ASSERTION_TYPE},
        {"client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE},
        {"client_assertion": "x" * 60_000, "client_assertion_type": ASSERTION_TYPE},
        {"client_assertion_type": ASSERTION_TYPE},
        {"client_assertion": "a.b.c"},
        {
            "client_assertion": "a.b.c",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        },
    ],
)
def test_what_is_no_assertion_is_refused(visitor: Journey, fields: dict[str, str]) -> None:
    """RFC 7521 §4.2: both parameters, and of the one type that is supported."""
    assert_refused(visitor.token(auth=None, client_id="demo-native", **GRANT, **fields))


SEGMENT = st.one_of(st.binary(max_size=40).map(lambda raw: raw.hex()), st.text(max_size=30, alphabet="eyJ._-{}=A0 "))


@given(header=st.one_of(SEGMENT, st.sampled_from(["eyJhbGciOiJFUzI1NiJ9", "W10", "eyJhbGciOlt9fQ"])), body=SEGMENT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_sequence_of_characters_is_an_error_of_ours(visitor: Journey, header: str, body: str) -> None:
    for text in (f"{header}.{body}.{body}", f"{header}.W10.", f"{header}..", body):
        assert visitor.token(auth=None, **form(text, **GRANT)).status_code in {400, 401}


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(name=st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), value=json_values)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_signed_claim_is_an_error_of_ours(keyed: Journey, name: str, value: Any) -> None:
    assert asked(keyed, **{name: value}).status_code in {200, 401}


@pytest.mark.requirement("RFC 8414 §2", "MUST")
def test_metadata_names_the_method_and_its_algorithms(visitor: Journey) -> None:
    """RFC 8414 §2: for each endpoint, judged by Authlib's validator; and none where a public client has no business."""
    document = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    for endpoint in ("token", "revocation", "introspection"):
        assert "private_key_jwt" in document[f"{endpoint}_endpoint_auth_methods_supported"]
        algorithms = document[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert algorithms == ["ES256", "PS256", "RS256", "EdDSA"]
    assert "none" not in document["introspection_endpoint_auth_methods_supported"]
    judged = {name: _https(value) for name, value in document.items()}
    AuthorizationServerMetadata(judged).validate()


@pytest.mark.requirement("RFC 8414 §2", "MUST")
def test_method_that_is_off_is_neither_promised_nor_accepted(keyed: Journey, switched: Callable[..., Journey]) -> None:
    off = switched("private_key_jwt")
    document = off.http.get("/.well-known/oauth-authorization-server").get_json()
    assert "private_key_jwt" not in json.dumps(document)
    assert not [name for name in document if "auth_signing_alg" in name]
    assert_refused(ask(off, SIGNER.sign(claims("keyed"))))


def test_disabled_client_is_refused_at_once(keyed: Journey, acme: Acme) -> None:
    assert asked(keyed).status_code == 200
    with acme(), transaction():
        client = find_client("keyed")
        assert client is not None
        client.status = "disabled"
        touch()
    assert_refused(asked(keyed))


def test_refusal_is_logged_with_who_was_claimed(keyed: Journey, logged: Logged) -> None:
    asked(keyed, aud="https://other.example")
    event = logged("oauth.token.refused")[-1]
    assert (event["actor"]["id"], event["targets"][0]["id"]) == (None, "keyed")
    assert "aud" in event["details"]["cause"]


@pytest.mark.parametrize("endpoint", ["/oauth/revoke", "/oauth/introspect"])
def test_assertion_authenticates_at_the_other_endpoints(keyed: Journey, endpoint: str) -> None:
    value = asked(keyed).get_json()["access_token"]
    answer = keyed.http.post(endpoint, data=form(SIGNER.sign(claims("keyed")), token=value))
    assert answer.status_code == 200, answer.get_json()


def _signed_with_header(header: str) -> str:
    """jwcrypto refuses to sign a header that it does not understand itself, so that joserfc has to."""
    from joserfc.jwk import ECKey
    from joserfc.jws import JWSRegistry, serialize_compact
    from joserfc.registry import HeaderParameter

    registry = JWSRegistry({"exp": HeaderParameter("", "int")}, algorithms=["ES256"])
    key = ECKey.import_key(SIGNER.key.export_private(as_dict=True))
    return serialize_compact(json.loads(header), json.dumps(claims("keyed")), key, registry=registry)


def _https(value: Any) -> Any:
    return value.replace("http://", "https://") if isinstance(value, str) else value
