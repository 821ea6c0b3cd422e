"""A client that acts for itself (RFC 6749 §4.4), and what its token looks like (RFC 9068)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.access.scopes import API
from sandbox.foundation.clock import wall_seconds
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, WEB, Journey

GRANT = {"grant_type": "client_credentials"}
Logged = Callable[..., list[dict[str, Any]]]


@pytest.mark.requirement("RFC 6749 §3.3", "MUST")
def test_no_scope_means_every_registered_one(visitor: Journey) -> None:
    """RFC 6749 §3.3 leaves the default to the server; the answer states it, and has no refresh token (§4.4.3)."""
    answer = visitor.token(auth=CONNECTOR, **GRANT).get_json()
    assert answer["scope"].split() == list(API)
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}


def test_narrower_scope_is_honored_in_the_order_of_the_catalog(visitor: Journey) -> None:
    answer = visitor.token(auth=CONNECTOR, scope="audit:read users:read", **GRANT).get_json()
    assert answer["scope"] == "users:read audit:read"


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
@pytest.mark.parametrize("scope", ["users:read nonsense", "openid", "USERS:READ", "users:read,audit:read"])
def test_scope_that_is_unknown_or_of_people_is_refused(visitor: Journey, scope: str) -> None:
    """RFC 6749 §5.2; a token without a person has no `openid`."""
    answer = visitor.token(auth=CONNECTOR, scope=scope, **GRANT)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")


def test_scope_beyond_registration_is_refused(go: Journey, acme: Acme) -> None:
    with acme():
        builders.a_client("reader", scope="users:read")
    answer = go.token(auth=("reader", "secret"), scope="users:read users:write", **GRANT)
    assert answer.get_json()["error"] == "invalid_scope"


@pytest.mark.attack(30)
@pytest.mark.requirement("RFC 6749 §4.4", "MUST")
def test_public_client_may_not_act_for_itself(go: Journey, acme: Acme) -> None:
    """RFC 6749 §4.4: confidential clients only, even if somebody registered it wrongly."""
    with acme():
        builders.a_client("open", auth_method="none", secret_hash=None)
    for client_id in ("demo-native", "open"):
        answer = go.token(auth=None, client_id=client_id, **GRANT)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "unauthorized_client")


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
def test_client_without_the_grant_is_unauthorized(visitor: Journey) -> None:
    """RFC 6749 §5.2."""
    assert visitor.token(auth=WEB, **GRANT).get_json()["error"] == "unauthorized_client"


@pytest.mark.attack(31)
@pytest.mark.requirement("RFC 9700 §2.4", "MUST")
@pytest.mark.parametrize("grant_type", ["password", "implicit", "urn:x", 'a"b\\c', "ü"])
def test_other_grants_are_unsupported(visitor: Journey, grant_type: str) -> None:
    """RFC 9700 §2.4: no password grant; what was sent is not repeated."""
    answer = visitor.token(auth=CONNECTOR, grant_type=grant_type, username="u", password="p")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.requirement("RFC 9068 §2", "MUST")
def test_token_is_an_rfc_9068_access_token(visitor: Journey) -> None:
    """RFC 9068 §2: type, required claims, and a key of the JWKS."""
    value = visitor.token(auth=CONNECTOR, scope="users:read", **GRANT).get_json()["access_token"]
    keys = KeySet.import_key_set(visitor.http.get("/oauth/jwks").get_json())
    token = jwt.decode(value, keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    expected = {"iss": "http://localhost", "aud": "http://localhost/v1", "sub": "demo-connector", "scope": "users:read"}
    assert expected.items() <= token.claims.items()
    assert (token.claims["exp"] - token.claims["iat"], token.claims["iat"] <= wall_seconds()) == (3600, True)


@pytest.mark.requirement("RFC 9068 §2.2", "MUST")
def test_tokens_of_the_same_second_differ(visitor: Journey) -> None:
    """RFC 9068 §2.2: `jti` tells them apart."""
    first, second = (visitor.token(auth=CONNECTOR, **GRANT).get_json()["access_token"] for _ in range(2))
    assert first != second


@pytest.mark.requirement("RFC 9068 §4", "MUST")
def test_token_works_at_the_api_and_nowhere_else(visitor: Journey) -> None:
    """RFC 9068 §4: a tenant's token is of no use at another's API."""
    value = visitor.token(auth=CONNECTOR, **GRANT).get_json()["access_token"]
    assert visitor.use(value, "/v1/roles") == 200
    assert visitor.use(value, "/t/other/v1/roles") == 401


def test_issue_is_logged_with_the_tokens_id(go: Journey, logged: Logged) -> None:
    go.token(auth=CONNECTOR, scope="users:read", **GRANT)
    event = logged("oauth.token.issued")[-1]
    assert (event["actor"]["type"], event["actor"]["id"], event["client"]["id"]) == ("client", *["demo-connector"] * 2)
    assert event["details"] == {"grant_type": "client_credentials", "scope": "users:read"} | {
        "token_id": event["details"]["token_id"]
    }
    assert event["details"]["token_id"].startswith("atk_")


@pytest.mark.requirement("RFC 8707 §2", "MUST")
@pytest.mark.attack(49)
@pytest.mark.parametrize("resource", ["http://localhost/v2", "http://localhost/v1/", "http://localhost/v1#x", "v1"])
def test_foreign_resource_is_an_invalid_target(visitor: Journey, resource: str) -> None:
    """RFC 8707 §2."""
    answer = visitor.token(auth=CONNECTOR, resource=resource, **GRANT)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_target")


@pytest.mark.requirement("RFC 8707 §2", "MUST")
def test_own_resource_may_be_named(visitor: Journey) -> None:
    """RFC 8707 §2: also more than once."""
    form = {**GRANT, "resource": ["http://localhost/v1", "http://localhost/v1"]}
    assert visitor.http.post("/oauth/token", data=form, auth=CONNECTOR).status_code == 200


@pytest.mark.requirement("RFC 6749 §5.1", "MUST")
def test_answer_must_not_be_stored(visitor: Journey) -> None:
    """RFC 6749 §5.1."""
    for auth in (CONNECTOR, None):
        answer = visitor.token(auth=auth, **GRANT)
        assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
