"""What makes a client and what does not (RFC 7591 §2): every rule with what it refuses, and no body that is a 500."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from sandbox.oauth.registration_rules import _READERS
from tests.sandbox.oauth.journey import REGISTRATION, Journey, bearer

EC, RSA, OKP = ECKey.generate_key("P-256"), RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519")
PUBLIC = [key.as_dict(private=False) for key in (EC, RSA, OKP)]
WEAK = urlsafe_b64encode(rsa.generate_private_key(65537, 1024).public_key().public_numbers().n.to_bytes(128)).decode()
quick = settings(max_examples=150)


def refused(go: Journey, **metadata: Any) -> str:
    """The error code of a refusal that says what it is about, in the characters of RFC 6749 §5.2."""
    answer = go.register(**metadata)
    assert answer.status_code == 400, answer.get_json()
    description = answer.get_json()["error_description"]
    assert description.isascii()
    assert description.endswith(").")
    error: str = answer.get_json()["error"]
    return error


@pytest.mark.attack(43)
@pytest.mark.requirement("RFC 9700 §4.1", "MUST")
@pytest.mark.parametrize(
    "uri",
    [
        "http://mine.example/callback",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.2/callback",
        "http://127.1/callback",
        "http://[::ffff:127.0.0.1]/callback",
        "http://0.0.0.0/callback",
        "https://user@mine.example/",
        "https://user:word@mine.example/",
        "https://mine.example@evil.example/",
        "https://mine.example/callback#",
        "https://mine.example/callback#fragment",
        "https://*.mine.example/callback",
        "https://mine.example/*",
        "https://mine.example/a/../callback",
        "https://mine.example/%2e%2e/callback",
        "https://mine.example\\@evil.example/",
        "https://mine.example/call back",
        "https://mine.example/\r\nLocation: https://evil.example",
        "https://mine.example/%0d%0aLocation:",
        "https://mine.example/\x00",
        "https://mine.example/%zz",
        "https://mïne.example/",
        "https://mine.example:99999/",
        "https://mine.example:port/",
        "https://mine..example/",
        "https://[::1/",
        "https://[mine]/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://-/",
        "https:///callback",
        "https:callback",
        "https://",
        "//mine.example/callback",
        "/callback",
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "JAVASCRIPT://mine.example/%0aalert(1)",
        "data:text/html,x",
        "DATA:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://mine.example/",
        "about:blank",
        "blob:https://mine.example/x",
        "urn:ietf:wg:oauth:2.0:oob",
        "myapp://callback",
        "com.example.app:/callback",
        f"https://mine.example/{'a' * 2000}",
    ],
)
def test_redirect_uri_that_may_lead_elsewhere_is_refused(visitor: Journey, uri: str) -> None:
    """Attack 43, CVE-2026-9086 among them: `javascript:` in any case, userinfo, fragment, wildcard, other hosts."""
    assert refused(visitor, redirect_uris=["https://mine.example/", uri]) == "invalid_redirect_uri"


@pytest.mark.requirement("RFC 8252 §7.3", "MUST")
@pytest.mark.parametrize(
    "uri",
    [
        "https://mine.example",
        "https://mine.example:8443/callback?tenant=7",
        "https://mine.example/callback/@me;v=1",
        "https://192.0.2.7/callback",
        "https://[2001:db8::1]:8443/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:3000/callback",
        "http://localhost:3000/callback",
    ],
)
def test_https_and_loopback_are_registered(visitor: Journey, uri: str) -> None:
    """https anywhere; http on the loopback literals, and on localhost, whose port is compared."""
    assert visitor.register(redirect_uris=[uri, uri]).get_json()["redirect_uris"] == [uri]


@pytest.mark.requirement("RFC 8252 §7.1", "MUST")
@pytest.mark.parametrize("uri", ["myapp:/callback", "com.example.app://callback", "Com.Example.App:/x", "com..app:/x"])
def test_scheme_must_be_a_domain_name_of_ones_own(visitor: Journey, uri: str) -> None:
    """Reverse domain name with a dot, in lower case, and a single slash."""
    native = {"application_type": "native", "token_endpoint_auth_method": "none"}
    assert refused(visitor, redirect_uris=[uri], **native) == "invalid_redirect_uri"


def test_scheme_of_ones_own_is_for_public_clients(visitor: Journey) -> None:
    """RFC 8252 §8.4: a secret in an application that everybody installs is none."""
    assert refused(visitor, redirect_uris=["com.example.app:/x"], application_type="native") == "invalid_redirect_uri"


@pytest.mark.requirement("RFC 7591 §2.1", "MUST")
@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"grant_types": ["client_credentials"]}, "invalid_redirect_uri"),
        ({"grant_types": []}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"], "redirect_uris": None}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"], "response_types": ["code"]}, "invalid_client_metadata"),
        ({"response_types": []}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"response_types": ["code", "id_token"]}, "invalid_client_metadata"),
        (
            {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none", "redirect_uris": None},
            "invalid_client_metadata",
        ),
    ],
)
def test_contradictions_are_refused(visitor: Journey, metadata: dict[str, Any], error: str) -> None:
    """Grant types, response types, redirect URIs and the way of authentication belong together."""
    assert refused(visitor, **metadata) == error


@pytest.mark.requirement("RFC 7517 §9.3", "MUST")
@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": {}},
        {"keys": [7]},
        {"keys": [{}]},
        {"keys": [{"kty": ["EC"]}]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
        {"keys": [{"kty": "EC", "crv": "P-256"}]},
        {"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": 7}]},
        {"keys": [EC.as_dict(private=True)]},
        {"keys": [RSA.as_dict(private=True)]},
        {"keys": [OKP.as_dict(private=True)]},
        {"keys": [PUBLIC[0], OctKey.generate_key(256).as_dict(private=True)]},
        {"keys": [{**PUBLIC[0], "k": "c2VjcmV0"}]},
        {"keys": [{**PUBLIC[1], "n": WEAK}]},
        {"keys": [{**PUBLIC[1], "n": "_" * 1500}]},
        {"keys": PUBLIC * 7},
        "jwks",
        [],
    ],
)
def test_keys_must_be_public_and_readable(visitor: Journey, jwks: Any) -> None:
    """Symmetric, private, weak and broken keys are refused."""
    assert refused(visitor, token_endpoint_auth_method="private_key_jwt", jwks=jwks) == "invalid_client_metadata"


def test_keys_are_given_in_one_way_where_needed(visitor: Journey) -> None:
    """RFC 7591 §2: `jwks` or `jwks_uri`, one of them for private_key_jwt."""
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    address = "https://mine.example/jwks"
    assert visitor.register(**method, jwks={"keys": PUBLIC}).get_json()["jwks"] == {"keys": PUBLIC}
    assert visitor.register(**method, jwks_uri=address).get_json()["jwks_uri"] == address
    assert refused(visitor, **method) == "invalid_client_metadata"
    assert refused(visitor, **method, jwks={"keys": PUBLIC}, jwks_uri=address) == "invalid_client_metadata"


def test_unknown_members_of_keys_are_dropped(visitor: Journey) -> None:
    deep = orjson.loads(b"[" * 900 + b"]" * 900)
    told = visitor.register(jwks={"keys": [{**PUBLIC[0], "x5c": deep, "kid": "mine"}]}).get_json()
    assert told["jwks"] == {"keys": [{**PUBLIC[0], "kid": "mine"}]}


@pytest.mark.attack(43)
@pytest.mark.parametrize(
    "metadata",
    [
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": ["none"]},
        {"application_type": "desktop"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"access_token_signed_response_alg": "none"},
        {"userinfo_signed_response_alg": "HS512"},
        {"introspection_signed_response_alg": {}},
        {"request_object_signing_alg": "none"},
        {"token_endpoint_auth_signing_alg": "HS256"},
        {"scope": "users:eat"},
        {"scope": 7},
        {"scope": "a" * 5000},
        {"client_name": ""},
        {"client_name": "a\u202eb"},
        {"client_name": "a\nb"},
        {"client_name": "\x00"},
        {"client_name": "a" * 201},
        {"client_name": {"de": "x"}},
        {"contacts": "me@mine.example"},
        {"contacts": [7]},
        {"contacts": ["x"] * 21},
        {"client_uri": "http://mine.example/"},
        {"logo_uri": "javascript:alert(1)"},
        {"policy_uri": "data:text/html,x"},
        {"tos_uri": "https://user@mine.example/"},
        {"jwks_uri": "http://169.254.169.254/latest/meta-data"},
        {"backchannel_logout_uri": "https://mine.example/#x"},
        {"post_logout_redirect_uris": ["javascript:x"]},
        {"post_logout_redirect_uris": "https://mine.example/"},
        {"default_max_age": -1},
        {"default_max_age": True},
        {"default_max_age": 1.5},
        {"default_max_age": "60"},
        {"default_max_age": 10**30},
        {"dpop_bound_access_tokens": "true"},
        {"require_pushed_authorization_requests": 1},
    ],
)
def test_values_that_cannot_be_are_refused(visitor: Journey, metadata: dict[str, Any]) -> None:
    """RFC 7591 §3.2.2."""
    assert refused(visitor, **metadata) == "invalid_client_metadata"


@pytest.mark.parametrize(
    "value", [7, "https://mine.example/", {"0": "x"}, [7], [None], [["https://mine.example/"]], True]
)
def test_redirect_uris_of_the_wrong_type_are_refused(visitor: Journey, value: Any) -> None:
    """Authlib 1.9.9 answers `redirect_uris: [7]` with a 500."""
    assert refused(visitor, redirect_uris=value) == "invalid_redirect_uri"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", b"null", b'"x"', b'{"a": NaN}', b"\xff", b'{"client_name": "\\ud800"}', b"[" * 60_000],
)
def test_body_that_is_no_json_object_is_refused(visitor: Journey, body: bytes) -> None:
    answer = visitor.http.post(
        "/oauth/register", data=body, content_type="application/json", headers=bearer(REGISTRATION)
    )
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client_metadata")


def test_body_of_another_kind_or_size_is_refused(visitor: Journey) -> None:
    """RFC 7591 §3.1: application/json."""
    for options in ({"data": {"redirect_uris": "x"}}, {"json": {"client_name": "x" * 70_000}}, {"data": b"{}"}):
        answer = visitor.http.post("/oauth/register", headers=bearer(REGISTRATION), **options)  # type: ignore[arg-type]
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client_metadata")


texts = st.sampled_from(
    ["", "none", "code", "authorization_code", "ES256", "openid", "https://mine.example/", "native"]
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts, st.text(max_size=12))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
sound = {"redirect_uris": ["https://mine.example/"], "scope": "openid"}
documents = st.one_of(
    st.dictionaries(st.sampled_from([*_READERS, "client_id", "keys"]), values, max_size=5),
    st.dictionaries(st.sampled_from([*_READERS]), values, max_size=2).map(lambda some: {**sound, **some}),
)


@quick
@given(document=documents)
def test_any_document_is_registered_or_refused_by_name(standing: Flask, document: dict[str, Any]) -> None:
    """RFC 7591 §3.2: 201 with what can be read back, or 400 with a code of that specification."""
    body = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS, default=str) if _writable(document) else b"{}"
    go = Journey(standing.test_client())
    answer = go.http.post("/oauth/register", data=body, content_type="application/json", headers=bearer(REGISTRATION))
    told = answer.get_json()
    if answer.status_code == 201:
        assert go.manage("GET", told).get_json() == {k: v for k, v in told.items() if k != "client_secret"}
    else:
        assert answer.status_code == 400
        assert told["error"] in {
            "invalid_client_metadata",
            "invalid_redirect_uri",
            "invalid_software_statement",
            "unapproved_software_statement",
        }


def _writable(document: dict[str, Any]) -> bool:
    try:
        orjson.dumps(document)
    except TypeError:
        return False
    return True
