"""Reading proofs that anybody may send: made by jwcrypto, or by hand where no honest library would make them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK

from sandbox.access import dpop_proof
from sandbox.access.dpop_proof import InvalidProof, read_proof
from sandbox.access.jose import PROOF_ALGORITHMS
from tests.proofs import Holder, encoded, unsigned

ADDRESS = "https://server.example.com/token"
SECTION = pytest.mark.requirement("RFC 9449 §4.3", "MUST")
HOLDER = Holder()
RSA = Holder("PS256")

FIGURE_2 = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
    "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijox"
    "NTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)


def refusal(value: str) -> str:
    with pytest.raises(InvalidProof) as raised:
        read_proof(value)
    return str(raised.value)


def made(*, header: dict[str, Any] | None = None, holder: Holder = HOLDER, **claims: Any) -> str:
    return holder.proof("POST", ADDRESS, header=header, **claims)


def test_example_of_the_specification_is_read() -> None:
    """RFC 9449 figure 2, with the thumbprint of figure 9."""
    proof = read_proof(FIGURE_2)
    assert proof.jkt == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    assert proof.claims == {"jti": "-BwC3ESc6acc2lTc", "htm": "POST", "htu": ADDRESS, "iat": 1562262616}


@SECTION
@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA"])
def test_proof_of_each_algorithm_is_read(algorithm: str) -> None:
    """Checks 4 to 7; the thumbprint is that of RFC 7638, as jwcrypto computes it."""
    holder = Holder(algorithm)
    proof = read_proof(made(holder=holder, nonce="n", ath="a"))
    assert proof.jkt == holder.jkt
    assert proof.claims.keys() == {"jti", "htm", "htu", "iat", "nonce", "ath"}


def test_both_names_of_ed25519_are_read() -> None:
    """RFC 9864 §2.2, signed by hand since jwcrypto knows the older name only."""
    holder = Holder("EdDSA")
    head, payload, _ = made(holder=holder).split(".")
    renamed = encoded(json.dumps({"typ": "dpop+jwt", "alg": "Ed25519", "jwk": holder.public}).encode())
    signature = holder.key.get_op_key("sign").sign(f"{renamed}.{payload}".encode())
    assert head != renamed
    assert read_proof(f"{renamed}.{payload}.{encoded(signature)}").jkt == holder.jkt


@SECTION
@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "a.b.c.d.e",
        "..",
        "\x00.\x00.\x00",
        "ü.ü.ü",
        f"{FIGURE_2}.x",
        "{}",
    ],
)
def test_what_is_no_jwt_is_refused(value: str) -> None:
    """Check 2: a single and well-formed JWT."""
    assert "well-formed" in refusal(value)


@SECTION
@pytest.mark.parametrize(
    "part", ["[]", "null", "1", '"alg"', '"alg b64"', "{", "[" * 1500, '{"alg":' * 200, "\xff", "NaN"]
)
@pytest.mark.parametrize("place", ["header", "payload"])
def test_parts_that_are_no_objects_are_refused(part: str, place: str) -> None:
    """Check 2, with types and depths that no client sends."""
    good = {"typ": "dpop+jwt", "alg": "ES256", "jwk": HOLDER.public}
    assert refusal(unsigned(part, {}) if place == "header" else unsigned(good, part))


@SECTION
@pytest.mark.parametrize("claim", ["jti", "htm", "htu", "iat"])
@pytest.mark.parametrize("value", [None, "", [], {}])
def test_missing_claim_is_refused(claim: str, value: Any) -> None:
    """Check 3, §4.2: an empty one is none."""
    assert "needs jti, htm, htu and iat" in refusal(made(**{claim: value}))


@SECTION
@pytest.mark.parametrize(
    "claims",
    [
        {"jti": 1},
        {"jti": ["a"]},
        {"iat": "1"},
        {"iat": True},
        {"iat": float("nan")},
        {"iat": float("inf")},
        {"iat": []},
    ],
    ids=str,
)
def test_claim_of_a_wrong_type_is_refused(claims: dict[str, Any]) -> None:
    """Check 3; NaN and Infinity are no JSON, but Python writes and reads them."""
    assert refusal(made(**claims))


@SECTION
@pytest.mark.parametrize("kind", ["JWT", "dpop", "DPOP+JWT", "application/dpop+jwt", "at+jwt", "", None])
def test_other_type_is_refused(kind: str | None) -> None:
    """Check 4, by letter: another JWT of the same key is no proof (RFC 8725 §3.11)."""
    assert "typ" in refusal(made(header={"typ": kind}))


@SECTION
@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384", "ES256K", "RSA1_5", "", 5, [], {}, None])
def test_other_algorithm_is_refused(algorithm: Any) -> None:
    """Check 5: asymmetric, supported, and acceptable here."""
    header = {"typ": "dpop+jwt", "alg": algorithm, "jwk": HOLDER.public}
    assert "alg" in refusal(unsigned(header, {})) or algorithm is None
    assert refusal(unsigned(header, {}, b""))


@SECTION
def test_proof_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    """Checks 5 and 7: neither HS256 nor a symmetric jwk (attack row 35)."""
    secret = JWK.generate(kty="oct", size=256)
    symmetric = Holder()
    symmetric.key = secret
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": secret.export(as_dict=True)}
    assert "alg" in refusal(symmetric.sign(header, "{}"))
    assert "private or a symmetric" in refusal(unsigned({**header, "alg": "ES256"}, {}))


@SECTION
@pytest.mark.parametrize("tampering", ["header", "payload", "signature", "no signature", "padding", "other key"])
def test_wrong_signature_is_refused(tampering: str) -> None:
    """Check 6."""
    head, payload, signature = made().split(".")
    other_head, other_payload, other_signature = made(header={"jwk": Holder().public}, jti="other").split(".")
    forged = {
        "header": (other_head, payload, signature),
        "payload": (head, other_payload, signature),
        "signature": (head, payload, encoded(b"\x00" * 64)),
        "no signature": (head, payload, ""),
        "padding": (head, payload, f"{signature}="),
        "other key": (other_head, other_payload, other_signature),
    }[tampering]
    assert "signature" in refusal(".".join(forged))


@SECTION
@pytest.mark.parametrize("holder", [HOLDER, RSA, Holder("EdDSA")], ids=lambda holder: holder.algorithm)
def test_private_key_is_refused(holder: Holder) -> None:
    """Check 7: and whoever sent it must take another."""
    private = holder.key.export_private(as_dict=True)
    assert "private" in refusal(made(holder=holder, header={"jwk": private}))


@SECTION
@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_any_private_member_is_refused(member: str) -> None:
    assert "private" in refusal(made(header={"jwk": {**HOLDER.public, member: None}}))


_LOW_ORDER = {"kty": "OKP", "crv": "Ed25519", "x": encoded(b"\x00" * 31)}


@SECTION
@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "text",
        [],
        {},
        {"kty": "EC"},
        {**HOLDER.public, "x": 5},
        {**HOLDER.public, "x": None},
        {**HOLDER.public, "x": ""},
        {**HOLDER.public, "x": "ü"},
        {**HOLDER.public, "x": "!"},
        {**HOLDER.public, "x": HOLDER.public["y"]},
        {**HOLDER.public, "x": encoded(b"\xff" * 500)},
        {**HOLDER.public, "crv": "P-384"},
        {**HOLDER.public, "crv": ["P-256"]},
        {**HOLDER.public, "kty": "oct"},
        {**HOLDER.public, "kty": {}},
        RSA.public,
        _LOW_ORDER,
    ],
)
def test_unusable_key_is_refused(jwk: Any) -> None:
    """Checks 3 and 6: not there, of another type, not on the curve."""
    assert "jwk" in refusal(unsigned({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}, {}))


@pytest.mark.parametrize(
    "numbers",
    [
        {"n": encoded(b"\xc0" + b"\x01" * 127)},
        {"n": encoded(b"\x00" * 200 + b"\xc0" + b"\x01" * 127)},
        {"n": encoded(b"\xc0" + b"\x01" * 600)},
        {"n": encoded(b"\xc0" + b"\x02" * 255), "e": "Ag"},
        {"e": encoded(b"\x01" * 40)},
        {"e": "AA"},
        {"e": "AQ"},
        {"n": ""},
    ],
    ids=str,
)
def test_rsa_key_of_a_bad_size_is_refused(numbers: dict[str, str]) -> None:
    """RFC 7518 §3.5: 2048 bits or more; and nobody sets us to work with a huge one."""
    header = {"typ": "dpop+jwt", "alg": "PS256", "jwk": {**RSA.public, **numbers}}
    assert refusal(unsigned(header, {}, b"x" * 256))


def test_even_modulus_is_refused() -> None:
    """No RSA key, though of the right size: arithmetic must not stumble over it."""
    header = {"typ": "dpop+jwt", "alg": "PS256", "jwk": {**RSA.public, "n": encoded(b"\xc0" + b"\x02" * 255)}}
    assert refusal(unsigned(header, {}, b"x" * 256))


@pytest.mark.requirement("RFC 7515 §4.1.11", "MUST")
@pytest.mark.parametrize(
    "extra", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": 5}, {"b64": False, "crit": ["b64"]}]
)
def test_critical_header_is_refused(extra: dict[str, Any]) -> None:
    """CVE-2025-59420: what must be understood and is not."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": HOLDER.public, **extra}
    assert refusal(unsigned(header, {}))


def test_unknown_header_is_ignored() -> None:
    """RFC 7515 §4: and a jku or x5u is never fetched."""
    header = {"kid": "k", "jku": "http://169.254.169.254/", "x5u": "http://169.254.169.254/", "new": {"a": [1]}}
    assert read_proof(made(header=header)).jkt == HOLDER.jkt


@SECTION
@pytest.mark.parametrize(("seconds", "is_read"), [(0, True), (8, True), (60, False)])
def test_clock_of_a_client_may_be_a_little_ahead(seconds: int, is_read: bool) -> None:
    """Check 11, with the bounds of FAPI 2.0 Security Profile §5.3.2.1."""
    value = made(iat=int(time.time()) + seconds)  # noqa: TID251
    if is_read:
        assert read_proof(value).jkt == HOLDER.jkt
    else:
        assert "future" in refusal(value)


@pytest.mark.parametrize("claims", [{"exp": 1}, {"nbf": 2**40}, {"exp": "never"}])
def test_claims_that_every_jwt_may_have_count(claims: dict[str, Any]) -> None:
    """RFC 7519 §4.1.4, §4.1.5."""
    assert refusal(made(**claims))


def test_key_that_came_before_is_not_built_again() -> None:
    holder = Holder()
    read_proof(made(holder=holder))
    before = dpop_proof._imported.cache_info().hits
    read_proof(made(holder=holder))
    assert dpop_proof._imported.cache_info().hits == before + 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    header=st.dictionaries(st.sampled_from(["typ", "alg", "jwk", "crit", "b64", "jku", "x5c", "kid"]), json_values),
    jwk=st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "key_ops", "alg"]), json_values),
    algorithm=st.sampled_from([*PROOF_ALGORITHMS, "none", "HS256"]),
)
def test_any_header_is_refused_in_words(header: dict[str, Any], jwk: dict[str, Any], algorithm: str) -> None:
    given_jwk = {**HOLDER.public, **jwk} if len(jwk) % 2 else jwk
    value = unsigned({"typ": "dpop+jwt", "alg": algorithm, "jwk": given_jwk, **header}, {})
    assert refusal(value).isascii()


@settings(max_examples=100)
@given(
    claims=st.dictionaries(
        st.sampled_from(["jti", "htm", "htu", "iat", "nonce", "ath", "exp", "aud", "iss"]), json_values
    )
)
def test_any_claims_are_read_or_refused_in_words(claims: dict[str, Any]) -> None:
    try:
        proof = read_proof(made(**claims))
    except InvalidProof as refused:
        assert str(refused).isascii()
    else:
        assert isinstance(proof.claims["jti"], str)
        assert not isinstance(proof.claims["iat"], bool | str)


@settings(max_examples=200)
@given(value=st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused_in_words(value: str) -> None:
    assert "well-formed" in refusal(value)
