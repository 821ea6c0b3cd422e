"""Request objects (RFC 9101), signed and forged with jwcrypto."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from werkzeug.test import TestResponse

from sandbox.access.client import Client
from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth.seen import mark
from sandbox.settings import Settings
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, USER, WEB, Journey, arrived, asking
from tests.sandbox.oauth.signing import JWKS, KEYS, object_claims, sign
from tests.sandbox.oauth.test_authorize import EVIL, is_page

EVERY = ["ES256", "PS256", "RS256", "EdDSA"]


@pytest.fixture
def signer(go: Journey, acme: Acme) -> Journey:
    """A journey in which demo-web has keys."""
    register(acme)
    return go


def register(acme: Acme, **options: Any) -> None:
    with acme(), transaction() as session:
        client = session.get_one(Client, (current_tenant_id(), "demo-web"))
        client.jwks, client.options = JWKS, options


def send(go: Journey, value: str, **outer: str | None) -> TestResponse:
    """Ask with a request object, and the least that is needed beside it."""
    beside = {"client_id": "demo-web", "request": value, "redirect_uri": CALLBACK, "state": "xyz", **outer}
    query = {name: text for name, text in beside.items() if text is not None}
    return go.http.get("/oauth/authorize", query_string=query)


def refusal(answer: TestResponse) -> str:
    return arrived(answer)["error"]


@pytest.mark.requirement("RFC 9101 §6.2", "MUST")
@pytest.mark.parametrize("alg", EVERY)
def test_signed_request_leads_to_a_code(signer: Journey, alg: str) -> None:
    """Each algorithm of the list, with nothing outside but the client and the object."""
    signer.sign_in()
    page = signer.follow(send(signer, sign(object_claims(), alg=alg), redirect_uri=None, state=None))
    told = arrived(signer.submit(page, decision="allow"))
    assert told["state"] == "xyz"
    assert signer.redeem(told["code"]).status_code == 200


@pytest.mark.requirement("RFC 9101 §6.3", "MUST")
def test_only_what_is_inside_counts(signer: Journey) -> None:
    """Neither scope nor state nor redirect URI of the address, also where the object leaves them out."""
    signer.sign_in()
    value = sign(object_claims(state=None, scope="openid"))
    page = signer.follow(send(signer, value, state="outside", scope="openid users:read", redirect_uri=EVIL))
    answer = signer.submit(page, decision="allow")
    told = arrived(answer)
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    assert "state" not in told
    assert signer.redeem(told["code"]).get_json()["scope"] == "openid"


@pytest.mark.requirement("RFC 9101 §6.3", "MUST")
def test_what_is_missing_inside_is_missing(signer: Journey) -> None:
    """A code_challenge of the address does not help an object without one."""
    value = sign(object_claims(code_challenge=None))
    assert refusal(send(signer, value, code_challenge=asking()["code_challenge"])) == "invalid_request"


FORGERIES: dict[str, dict[str, Any]] = {
    "foreign key": {"key": JWK.generate(kty="EC", crv="P-256", kid="es")},
    "unknown kid": {"kid": "nobody"},
    "wrong typ": {"typ": "JWT"},
    "no typ": {"typ": None},
    "typ of a token": {"typ": "at+jwt"},
    "unknown crit": {"crit": ["x"], "x": 1},
    "key of its own": {
        "key": JWK.generate(kty="EC", crv="P-256", kid="own"),
        "jwk": JWK.generate(kty="EC", crv="P-256").export_public(as_dict=True),
    },
    "key elsewhere": {"jku": "https://evil.example/jwks", "kid": "elsewhere"},
}


@pytest.mark.attack(33)
@pytest.mark.requirement("RFC 9101 §6.2", "MUST")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_header_is_refused(signer: Journey, forgery: str) -> None:
    """Foreign keys, unknown kid, missing or wrong typ, unknown crit, keys that come along (RFC 8725 §3; CVE-2025-59420)."""
    assert refusal(send(signer, sign(object_claims(), **FORGERIES[forgery]))) == "invalid_request_object"


@pytest.mark.attack(33)
@pytest.mark.requirement("RFC 9101 §10.1", "MUST")
@pytest.mark.parametrize("alg", ["none", "None", "nOnE"])
def test_unsigned_object_is_refused(signer: Journey, alg: str) -> None:
    """`none` never passes, however it is spelled, with and without a signature (CVE-2026-28802)."""
    parts = [{"alg": alg, "typ": "oauth-authz-req+jwt"}, object_claims()]
    head = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    for value in (f"{head}.", f"{head}.{sign(object_claims()).rsplit('.', 1)[1]}"):
        assert refusal(send(signer, value)) == "invalid_request_object"


@pytest.mark.attack(33)
@pytest.mark.requirement("RFC 8725 §3.1", "MUST")
def test_public_key_is_no_secret(signer: Journey) -> None:
    """HS256 with the public key's bytes as secret (CVE-2024-37568)."""
    public = KEYS["RS256"].export_to_pem()
    secret = JWK(kty="oct", k=base64.urlsafe_b64encode(public).rstrip(b"=").decode(), kid="rs")
    assert refusal(send(signer, sign(object_claims(), alg="HS256", key=secret))) == "invalid_request_object"


@pytest.mark.requirement("RFC 9101 §10.1", "SHOULD")
def test_algorithm_of_registration_is_the_only_one(signer: Journey, acme: Acme) -> None:
    """`request_object_signing_alg` pins it, and `none` there pins nothing loose."""
    register(acme, request_object_signing_alg="ES256")
    assert refusal(send(signer, sign(object_claims(), alg="RS256"))) == "invalid_request_object"
    assert send(signer, sign(object_claims())).headers["Location"].startswith("/login")
    register(acme, request_object_signing_alg="none")
    assert refusal(send(signer, sign(object_claims()))) == "invalid_request_object"


now = wall_seconds


@pytest.mark.attack(33)
@pytest.mark.requirement("RFC 9101 §4", "MUST")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", None),
        ("iss", "demo-native"),
        ("client_id", None),
        ("client_id", "demo-native"),
        ("aud", None),
        ("aud", "https://elsewhere.example"),
        ("aud", ["http://localhost", "https://elsewhere.example"]),
        ("aud", "http://localhost/oauth/authorize"),
        ("aud", []),
        ("aud", {"http://localhost": 1}),
        ("exp", None),
        ("exp", 0),
        ("exp", -10),
        ("exp", 3700),
        ("exp", "soon"),
        ("exp", True),
        ("nbf", 60),
        ("nbf", -3700),
        ("iat", 60),
        ("iat", "now"),
        ("request", "x"),
        ("request_uri", "urn:x"),
        ("max_age", 1.5),
        ("max_age", True),
    ],
)
def test_wrong_claim_is_refused(signer: Journey, name: str, value: Any) -> None:
    """For another server, of another client, over, too long, not yet, or with a request inside the request."""
    if name in {"exp", "nbf", "iat"} and type(value) is int:
        value += now()
    answer = send(signer, sign(object_claims(**{name: value})))
    told = arrived(answer)
    assert (told["error"], told["state"], told["iss"]) == ("invalid_request_object", "xyz", "http://localhost")


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.1", "MUST")
@pytest.mark.parametrize(("ahead", "accepted"), [(8, True), (60, False)])
def test_clocks_may_differ_a_little(signer: Journey, ahead: int, accepted: bool) -> None:
    """An `nbf` and `iat` 8 seconds ahead pass, 60 do not."""
    answer = send(signer, sign(object_claims(nbf=now() + ahead, iat=now() + ahead)))
    assert answer.headers["Location"].startswith("/login") == accepted


def test_object_that_came_in_time_stays_in_time_while_a_person_decides(signer: Journey, acme: Acme) -> None:
    """A minute is enough for the way here, not for typing and reading; ten more are, and no mark can be made up."""
    over = sign(object_claims(nbf=now() - 300, iat=now() - 300, exp=now() - 200))
    with acme():
        fresh, old = mark(over, now() - 250), mark(over, now() - 700)
        of_another = mark("x", now() - 250)
    assert send(signer, over, seen=fresh).headers["Location"].startswith("/login")
    for seen in (None, old, of_another, fresh[:-1] + "x", f"{now()}.", "ü", "x.y", "."):
        assert refusal(send(signer, over, seen=seen)) == "invalid_request_object"


def test_pages_carry_the_moment_at_which_an_object_came(signer: Journey) -> None:
    """From page to page the address stays the same, so that a fresh sign-in counts for it."""
    login = signer.follow(send(signer, sign(object_claims(prompt="login"))))
    assert "seen%3D" in login.request.url
    after = signer.follow(signer.submit(login, email=USER[0], password=USER[1]))
    assert after.headers["Location"].startswith("/consent?")


@pytest.mark.requirement("RFC 9101 §7", "MUST")
def test_refusal_without_a_registered_address_is_a_page(signer: Journey) -> None:
    """Nothing inside an object that cannot be read is believed, and nothing outside that is not registered."""
    assert is_page(send(signer, "x", redirect_uri=EVIL))
    assert is_page(send(signer, "x", client_id="nobody"))
    assert is_page(send(signer, "x", client_id=None))


def test_redirect_uri_inside_is_checked_as_ever(signer: Journey) -> None:
    assert is_page(send(signer, sign(object_claims(redirect_uri=EVIL))))


@pytest.mark.requirement("RFC 9101 §5", "MUST")
def test_object_and_reference_exclude_each_other(signer: Journey) -> None:
    """`request` and `request_uri` in one request are refused."""
    answer = send(signer, sign(object_claims()), request_uri="urn:ietf:params:oauth:request_uri:x")
    assert refusal(answer) == "invalid_request"


@pytest.mark.attack(34)
@pytest.mark.requirement("RFC 9101 §10.4.1", "MUST")
@pytest.mark.parametrize("uri", ["https://evil.example/request", "http://169.254.169.254/", "file:///etc/passwd", "x"])
def test_nothing_is_fetched_from_elsewhere(visitor: Journey, uri: str) -> None:
    """CVE-2020-10770: refused at once; sockets are closed in this test, so that a call would fail it."""
    for outer in ({}, {"response_type": None, "scope": None}):
        assert refusal(visitor.authorize(request_uri=uri, **outer)) == "request_uri_not_supported"


@pytest.mark.requirement("RFC 9126 §3", "MUST")
def test_object_may_be_pushed(signer: Journey) -> None:
    """Beside the client's authentication the object is all that counts."""
    form = {"request": sign(object_claims(scope="openid", resource=["http://localhost/v1"])), "scope": "users:read"}
    answer = signer.http.post("/oauth/par", data=form, auth=WEB)
    reference = {"client_id": "demo-web", "request_uri": answer.get_json()["request_uri"]}
    signer.sign_in()
    page = signer.follow(signer.http.get("/oauth/authorize", query_string=reference))
    told = signer.redeem(arrived(signer.submit(page, decision="allow"))["code"]).get_json()
    assert told["scope"] == "openid"


@pytest.mark.requirement("RFC 9126 §3", "MUST")
def test_pushed_object_of_another_client_is_refused(signer: Journey) -> None:
    """The client inside is the client that authenticated."""
    form = {"request": sign(object_claims("demo-native"))}
    answer = signer.http.post("/oauth/par", data=form, auth=WEB)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request_object")


@pytest.mark.requirement("RFC 9101 §10.5", "MUST")
def test_client_may_be_held_to_signing(signer: Journey, acme: Acme) -> None:
    """`require_signed_request_object`: a plain request is refused, also when it is pushed."""
    register(acme, require_signed_request_object=True)
    assert refusal(signer.authorize()) == "invalid_request"
    assert signer.http.post("/oauth/par", data=asking(), auth=WEB).get_json()["error"] == "invalid_request"
    assert send(signer, sign(object_claims())).headers["Location"].startswith("/login")
    form = {"request": sign(object_claims())}
    assert signer.http.post("/oauth/par", data=form, auth=WEB).status_code == 201


def test_client_without_keys_cannot_sign(visitor: Journey) -> None:
    assert refusal(send(visitor, sign(object_claims()))) == "invalid_request_object"


@pytest.mark.parametrize("jwks", [{}, {"keys": []}, {"keys": [{"kty": "oct", "k": "eA"}]}, {"keys": [{"kty": "EC"}]}])
def test_client_with_useless_keys_cannot_sign(go: Journey, acme: Acme, jwks: dict[str, Any]) -> None:
    with acme(), transaction():
        db.session.get_one(Client, (current_tenant_id(), "demo-web")).jwks = jwks
    assert refusal(send(go, sign(object_claims()))) == "invalid_request_object"


def test_key_is_found_without_its_name(signer: Journey) -> None:
    """A `kid` is a hint; without one each key is tried."""
    assert send(signer, sign(object_claims(), alg="EdDSA", kid=None)).headers["Location"].startswith("/login")


@pytest.mark.requirement("RFC 9101 §9", "MUST")
def test_metadata_says_what_is_accepted(visitor: Journey) -> None:
    """`none` is not among the algorithms, and references elsewhere are declared off."""
    document = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    assert document["request_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is False
    assert document["request_object_signing_alg_values_supported"] == EVERY


def test_switched_off_it_is_refused(database_url: str, identities: None) -> None:
    """OpenID Connect Core §6.1, §3.1.2.6: `request_not_supported`, and the discovery document says so."""
    go = Journey(create_app(Settings(database_url=database_url, oauth_off=("jar",))).test_client())
    told = arrived(go.authorize(request="x"))
    assert (told["error"], told["state"]) == ("request_not_supported", "xyz")
    document = go.http.get("/.well-known/openid-configuration").get_json()
    assert document["request_parameter_supported"] is document["request_uri_parameter_supported"] is False
    assert "request_object_signing_alg_values_supported" not in document


@pytest.mark.parametrize(
    "header", [{"alg": "ES256", "crit": 5}, {"alg": ["ES256"]}, {"alg": None}, {}, [], {"kid": {}}]
)
def test_no_header_is_our_fault(signer: Journey, header: Any) -> None:
    """Headers are read before anybody has proven anything."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    assert refusal(send(signer, f"{head}.e30.AAAA")) == "invalid_request_object"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*object_claims(), "resource", "claims", "prompt", "max_age"]) | st.text(max_size=5)


@settings(max_examples=60)
@given(changes=st.dictionaries(NAMES, JSON, max_size=4))
def test_no_claim_is_our_fault(signer: Journey, changes: dict[str, Any]) -> None:
    """A client that signs nonsense is told so, in the protocol's words."""
    assert send(signer, sign({**object_claims(), **changes})).status_code in {303, 400}


@pytest.mark.parametrize(
    "payload",
    [
        "[" * 60_000,
        '{"a":' * 20_000,
        "null",
        "[]",
        '"x"',
        "",
        '{"iss":"demo-web","iss":"x"}',
        '{"exp":1e999}',
        "1" * 9000,
    ],
    ids=lambda payload: payload[:8],
)
def test_no_payload_is_our_fault(signer: Journey, payload: str) -> None:
    """Deep, empty, doubled, infinite: all signed well."""
    assert send(signer, sign(payload)).status_code in {303, 400, 414}


@settings(max_examples=60)
@given(
    value=st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: f"{base64.urlsafe_b64encode(raw).decode()}.x.y")
)
def test_no_value_is_our_fault(visitor: Journey, value: str) -> None:
    """What is no JWT at all is refused."""
    answer = visitor.http.post("/oauth/authorize", data={**asking(), "request": value.encode("utf-8", "surrogatepass")})
    assert answer.status_code in {303, 400}
