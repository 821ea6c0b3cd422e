"""ID tokens and userinfo (OpenID Connect Core)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.access.jose import Algorithms
from sandbox.foundation.clock import wall_seconds
from tests.sandbox.oauth.journey import CALLBACK, CONNECTOR, USER, Journey, bearer


def verified(go: Journey, value: str) -> jwt.Token:
    keys = KeySet.import_key_set(go.http.get(f"{go.prefix}/oauth/jwks").get_json())
    return jwt.decode(value, keys, algorithms=["ES256"])


@pytest.mark.requirement("OpenID Connect Core §2", "MUST")
@pytest.mark.requirement("OpenID Connect Core §3.1.3.7", "MUST")
def test_id_token_is_valid(visitor: Journey) -> None:
    """OpenID Connect Core §2 and §3.1.3.7, judged by Authlib's client."""
    answer = visitor.tokens(nonce="n-0S6_WzA2Mj")
    token = verified(visitor, answer["id_token"])
    claims = CodeIDToken(
        token.claims,
        token.header,
        {
            "iss": {"essential": True, "value": "http://localhost"},
            "aud": {"essential": True, "value": "demo-web"},
            "nonce": {"value": "n-0S6_WzA2Mj"},
        },
        {"access_token": answer["access_token"], "nonce": "n-0S6_WzA2Mj", "client_id": "demo-web"},
    )
    claims.validate(now=wall_seconds())
    assert token.header["typ"] == "JWT"


@pytest.mark.requirement("OpenID Connect Core §3.1.3.6", "MAY")
def test_hash_binds_the_access_token(visitor: Journey) -> None:
    """OpenID Connect Core §3.1.3.6: the left half of SHA-256."""
    answer = visitor.tokens()
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert verified(visitor, answer["id_token"]).claims["at_hash"] == expected


def test_nonce_is_left_out_when_none_was_sent(visitor: Journey) -> None:
    assert "nonce" not in verified(visitor, visitor.tokens()["id_token"]).claims


@pytest.mark.requirement("OpenID Connect Core §12.2", "MUST")
@pytest.mark.requirement("RFC 9068 §2.2.1", "MAY")
def test_time_of_the_sign_in_is_wall_time_and_survives_refresh(visitor: Journey) -> None:
    """OpenID Connect Core §12.2, RFC 9068 §2.2.1: when the person signed in, not when the token was made."""
    answer = visitor.tokens()
    signed_in = verified(visitor, answer["id_token"]).claims["auth_time"]
    again = visitor.refresh(answer["refresh_token"]).get_json()
    assert abs(signed_in - wall_seconds()) < 60
    assert verified(visitor, again["access_token"]).claims["auth_time"] == signed_in


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "MUST")
def test_no_openid_scope_means_no_id_token(visitor: Journey) -> None:
    """OpenID Connect Core §3.1.2.1."""
    assert "id_token" not in visitor.tokens(scope="users:read")


@pytest.mark.requirement("OpenID Connect Core §5.3.2", "MUST")
def test_subject_is_the_same_everywhere(visitor: Journey) -> None:
    """The `sub` of ID token, access token and userinfo is one, which a client must verify."""
    answer = visitor.tokens()
    told = userinfo(visitor, answer["access_token"])
    subjects = {verified(visitor, answer[kind]).claims["sub"] for kind in ("id_token", "access_token")} | {told["sub"]}
    assert len(subjects) == 1


@pytest.mark.requirement("OpenID Connect Core §5.4", "MUST")
@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid profile email", {"sub", "name", "updated_at", "email", "email_verified"}),
    ],
)
def test_userinfo_tells_what_the_scopes_allow(visitor: Journey, scope: str, names: set[str]) -> None:
    """OpenID Connect Core §5.4; what is not known is left out (§5.3.2)."""
    told = userinfo(visitor, visitor.tokens(scope=scope)["access_token"])
    assert told.keys() == names


@pytest.mark.requirement("OpenID Connect Core §5.3.1", "MUST")
def test_userinfo_may_be_posted(visitor: Journey) -> None:
    """OpenID Connect Core §5.3.1."""
    header = {"Authorization": f"Bearer {visitor.tokens()['access_token']}"}
    assert visitor.http.post("/oauth/userinfo", headers=header).status_code == 200


@pytest.mark.attack(39)
@pytest.mark.requirement("RFC 6750 §3.1", "MUST")
def test_userinfo_wants_the_openid_scope(visitor: Journey) -> None:
    """RFC 6750 §3.1: 403 with the scope that is missing."""
    value = visitor.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    answer = visitor.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {value}"})
    assert (answer.status_code, answer.get_json()["error"]) == (403, "insufficient_scope")
    assert 'scope="openid"' in answer.headers["WWW-Authenticate"]


@pytest.mark.attack(37)
@pytest.mark.requirement("RFC 9068 §4", "MUST")
@pytest.mark.requirement("RFC 8725 §3.11", "SHOULD")
def test_userinfo_refuses_other_tokens(visitor: Journey) -> None:
    """RFC 9068 §4, RFC 8725 §3.11: an ID token or a refresh token is no access token."""
    answer = visitor.tokens()
    for value in (answer["id_token"], answer["refresh_token"], answer["access_token"] + "x"):
        refused = visitor.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {value}"})
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_token")


@pytest.mark.requirement("OpenID Connect Core §5.3.1", "MUST")
def test_userinfo_takes_its_token_from_the_header_alone(visitor: Journey) -> None:
    """Attack 37: neither the query nor the body counts (RFC 9700 §4.3.2)."""
    value = {"access_token": visitor.tokens()["access_token"]}
    assert visitor.http.get("/oauth/userinfo", query_string=value).status_code == 401
    assert visitor.http.post("/oauth/userinfo", data=value).status_code == 401


@pytest.mark.requirement("OpenID Connect Core §5.3.2", "MUST")
@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_userinfo_is_signed_for_a_client_that_registered_an_algorithm(go: Journey, algorithm: str) -> None:
    """`application/jwt` with issuer and audience, and the same claims that JSON would have; by GET and by POST."""
    told = go.register(
        userinfo_signed_response_alg=algorithm, redirect_uris=[CALLBACK], scope="openid email"
    ).get_json()
    auth = (told["client_id"], told["client_secret"])
    code = go.code(client_id=told["client_id"], scope="openid email")
    answer = go.redeem(code, auth=auth).get_json()
    keys = KeySet.import_key_set(go.http.get("/oauth/jwks").get_json())
    subject = jwt.decode(answer["id_token"], keys, algorithms=["ES256"]).claims["sub"]
    for method in ("GET", "POST"):
        given = go.http.open("/oauth/userinfo", method=method, headers=bearer(answer["access_token"]))
        assert (given.status_code, given.mimetype, given.headers["Cache-Control"]) == (
            200,
            "application/jwt",
            "no-store",
        )
        token = jwt.decode(given.get_data(), keys, registry=Algorithms(algorithms=[algorithm]))
        expected = {"iss": "http://localhost", "aud": told["client_id"], "sub": subject, "email": USER[0]}
        assert token.claims == {**expected, "email_verified": True}


def test_signed_userinfo_is_promised_and_can_be_switched_off(go: Journey, configured: Callable[..., None]) -> None:
    told = go.register(userinfo_signed_response_alg="ES256", redirect_uris=[CALLBACK], scope="openid").get_json()
    auth = (told["client_id"], told["client_secret"])
    value = go.redeem(go.code(client_id=told["client_id"], scope="openid"), auth=auth).get_json()["access_token"]
    metadata = "/.well-known/openid-configuration"
    assert go.http.get(metadata).get_json()["userinfo_signing_alg_values_supported"] == ["ES256", "RS256", "EdDSA"]
    configured(oauth_off=("signed_userinfo",))
    assert "userinfo_signing_alg_values_supported" not in go.http.get(metadata).get_json()
    assert userinfo(go, value).keys() == {"sub"}


@pytest.mark.requirement("RFC 6750 §3.1", "SHOULD")
def test_userinfo_without_credentials_gets_no_error_code(visitor: Journey) -> None:
    """RFC 6750 §3.1."""
    answer = visitor.http.get("/oauth/userinfo")
    assert (answer.status_code, "error" in answer.get_json(), answer.mimetype) == (401, False, "application/json")


def userinfo(go: Journey, access_token: str) -> dict[str, Any]:
    answer = go.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {access_token}"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    told: dict[str, Any] = answer.get_json()
    return told
