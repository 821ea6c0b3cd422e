"""Clients that sign instead of keeping a secret with us (RFC 7523 §2.2, §3), attacked with what another library makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.access.client import find_client
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from tests.assertions import ASSERTION_TYPE, ISSUER, claims, form
from tests.sandbox.oauth.at_once import AT_ONCE, all_at_once, outcomes
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, Journey
from tests.sandbox.oauth.keyed import GRANT, OTHER, SIGNER, a_key_client, ask, asked, assert_refused

Logged = Callable[..., list[dict[str, Any]]]


@pytest.mark.requirement("RFC 7523 §3", "MUST")
def test_client_authenticates_with_its_signature(keyed: Journey) -> None:
    """RFC 7523 §3: and gets a token that works."""
    answer = asked(keyed)
    assert answer.status_code == 200, answer.get_json()
    assert keyed.use(answer.get_json()["access_token"], "/v1/roles") == 200


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
@settings(max_examples=60)
def test_no_sequence_of_characters_is_an_error_of_ours(visitor: Journey, header: str, body: str) -> None:
    for text in (f"{header}.{body}.{body}", f"{header}.W10.", f"{header}..", body):
        assert visitor.token(auth=None, **form(text, **GRANT)).status_code in {400, 401}


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(name=st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), value=json_values)
@settings(max_examples=60)
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


def _https(value: Any) -> Any:
    return value.replace("http://", "https://") if isinstance(value, str) else value
