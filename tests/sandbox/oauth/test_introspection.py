"""Asking what a token is worth (RFC 7662)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from sandbox.access.terms import Terms
from sandbox.foundation.database import db
from sandbox.oauth import tokens as minting
from sandbox.resources.roles import service as roles
from sandbox.resources.roles.model import Role
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CONNECTOR, NATIVE, USER, WEB, Journey

INACTIVE = {"active": False}


def introspect(go: Journey, value: str, auth: tuple[str, str] = WEB, **more: str) -> dict[str, Any]:
    answer = go.http.post("/oauth/introspect", data={"token": value, **more}, auth=auth)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    told: dict[str, Any] = answer.get_json()
    return told


@pytest.mark.requirement("RFC 7662 §2.2", "MUST")
def test_access_token_is_described(visitor: Journey) -> None:
    """A working token is active, with its scope, client and person; RFC 9068 claims are echoed."""
    told = introspect(visitor, visitor.tokens()["access_token"])
    expected = {"active": True, "client_id": "demo-web", "scope": "openid users:read", "username": USER[0]}
    assert (expected | {"token_type": "Bearer", "aud": "http://localhost/v1"}).items() <= told.items()
    assert told["sub"].startswith("usr_")
    assert told["exp"] - told["iat"] == 3600


def test_refresh_token_is_described_until_it_was_used(visitor: Journey) -> None:
    value = visitor.tokens()["refresh_token"]
    told = introspect(visitor, value)
    assert (told["active"], told["scope"], "token_type" in told) == (True, "openid users:read", False)
    visitor.refresh(value)
    assert introspect(visitor, value) == INACTIVE


def test_token_of_a_client_has_no_username(visitor: Journey) -> None:
    value = visitor.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    told = introspect(visitor, value, CONNECTOR)
    assert (told["sub"], "username" in told) == ("demo-connector", False)


@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "nonsense"])
def test_hint_is_only_a_hint(visitor: Journey, hint: str) -> None:
    """RFC 7662 §2.1: the server extends its search."""
    tokens = visitor.tokens()
    for kind in ("access_token", "refresh_token"):
        assert introspect(visitor, tokens[kind], token_type_hint=hint)["active"] is True


@pytest.mark.requirement("RFC 7662 §4", "MUST")
@pytest.mark.requirement("RFC 7662 §2.2", "SHOULD")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_foreign_token_is_inactive_and_nothing_more(visitor: Journey, kind: str) -> None:
    """Attack 44: no oracle for tokens that somebody found (RFC 7662 §4)."""
    assert introspect(visitor, visitor.tokens()[kind], CONNECTOR) == INACTIVE


@pytest.mark.parametrize("value", ["unknown", "a.b.c", "ü", "x" * 5000])
def test_unknown_token_is_inactive(visitor: Journey, value: str) -> None:
    assert introspect(visitor, value) == INACTIVE


def test_revoked_token_is_inactive(visitor: Journey) -> None:
    tokens = visitor.tokens()
    visitor.http.post("/oauth/revoke", data={"token": tokens["refresh_token"]}, auth=WEB)
    assert [introspect(visitor, tokens[kind]) for kind in ("access_token", "refresh_token")] == [INACTIVE] * 2


def test_suspended_users_tokens_are_inactive(go: Journey, acme: Acme) -> None:
    tokens = go.tokens()
    with acme():
        user = users.find_by_email(USER[0])
        assert user is not None
        users.suspend(user.id)
    assert [introspect(go, tokens[kind]) for kind in ("access_token", "refresh_token")] == [INACTIVE] * 2


def test_scope_is_what_counts_now(go: Journey, acme: Acme) -> None:
    """A role that was taken away is no part of it any longer."""
    tokens = go.tokens(ADMIN, scope="openid users:write")
    with acme():
        admin = users.find_by_email(ADMIN[0])
        assert admin is not None
        builders.an_assignment(admin.id, "member")
        builders.an_administrator()
        roles.revoke(db.session.scalars(select(Role).where(Role.key == "administrator")).one().id, user_id=admin.id)
    assert introspect(go, tokens["access_token"])["scope"] == "openid"


@pytest.mark.attack(44)
@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
@pytest.mark.parametrize("auth", [None, ("demo-web", "wrong")])
def test_stranger_is_refused(visitor: Journey, auth: tuple[str, str] | None) -> None:
    """Attack 44: authorization is required, or tokens could be scanned."""
    assert visitor.http.post("/oauth/introspect", data={"token": "x"}, auth=auth).status_code == 401


@pytest.mark.requirement("RFC 7662 §4", "MUST")
@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
def test_public_client_is_refused(visitor: Journey) -> None:
    """Attack 44: anybody could be it."""
    form = {"token": "x", "client_id": NATIVE["client_id"]}
    answer = visitor.http.post("/oauth/introspect", data=form)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.attack(44)
@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
def test_get_is_refused_in_the_protocols_own_form(visitor: Journey) -> None:
    """Attack 44: POST only, so that tokens stay out of logs."""
    answer = visitor.http.get("/oauth/introspect", query_string={"token": "x"}, auth=WEB)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    assert answer.get_json()["error"] == "invalid_request"


FILES = ("files-api", "secret")
RESOURCE = "https://files.example/v1"


@pytest.fixture
def files_api(go: Journey, acme: Acme) -> Journey:
    """A journey beside a resource server, which guards an API of its own."""
    with acme():
        builders.a_client(FILES[0], resource=RESOURCE, grant_types=[])
    return go


@pytest.mark.requirement("RFC 7662 §2.1", "MUST")
def test_api_learns_what_a_token_for_it_is_worth(files_api: Journey) -> None:
    """A resource server introspects tokens whose audience it is, those for others are inactive for it."""
    for_it = files_api.token(auth=CONNECTOR, grant_type="client_credentials", resource=RESOURCE).get_json()
    for_others = files_api.token(auth=CONNECTOR, grant_type="client_credentials").get_json()
    told = introspect(files_api, for_it["access_token"], FILES)
    assert (told["active"], told["aud"], told["client_id"]) == (True, RESOURCE, "demo-connector")
    assert introspect(files_api, for_others["access_token"], FILES) == INACTIVE
    assert introspect(files_api, for_it["access_token"], WEB) == INACTIVE


def test_api_never_learns_of_refresh_tokens(files_api: Journey) -> None:
    """They are between client and authorization server alone (RFC 6749 §1.5)."""
    tokens = files_api.tokens(resource=RESOURCE)
    assert introspect(files_api, tokens["access_token"], FILES)["active"] is True
    assert introspect(files_api, tokens["refresh_token"], FILES) == INACTIVE


@pytest.mark.requirement("RFC 9449 §6.2", "MUST")
def test_terms_of_a_token_are_told(go: Journey, acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, actor and authorization details; the kind of a bound token is DPoP."""
    details, actor = [{"type": "harbor_project"}], {"sub": "somebody"}
    terms = Terms(authorization_details=tuple(details), jkt="thumbprint", act=actor)
    issue = minting.issue
    monkeypatch.setattr(minting, "issue", lambda *args, **given: issue(*args, **{**given, "terms": terms}))
    value = go.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    told = introspect(go, value, CONNECTOR)
    expected = {"cnf": {"jkt": "thumbprint"}, "act": actor, "authorization_details": details, "token_type": "DPoP"}
    assert expected.items() <= told.items()


JWT = "application/token-introspection+jwt"


def signed(go: Journey, value: str, auth: tuple[str, str] = WEB, accept: str = JWT) -> jwt.Token:
    answer = go.http.post("/oauth/introspect", data={"token": value}, auth=auth, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, JWT, "no-store")
    keys = KeySet.import_key_set(go.http.get("/oauth/jwks").get_json())
    return jwt.decode(answer.get_data(), keys, algorithms=["ES256", "RS256"])


@pytest.mark.requirement("RFC 9701 §5", "MUST")
def test_answer_is_signed_for_who_asks_for_that(visitor: Journey) -> None:
    """A JWT of its own type for its caller, with the whole answer in one claim and no `sub` or `exp` beside it."""
    value = visitor.tokens()["access_token"]
    token = signed(visitor, value)
    assert (token.header["typ"], token.header["alg"]) == ("token-introspection+jwt", "RS256")
    assert token.claims.keys() == {"iss", "aud", "iat", "token_introspection"}
    assert (token.claims["iss"], token.claims["aud"]) == ("http://localhost", "demo-web")
    assert token.claims["token_introspection"] == introspect(visitor, value)


@pytest.mark.requirement("RFC 9701 §5", "MUST")
@pytest.mark.parametrize("value", ["unknown", "a.b.c"])
def test_signed_answer_about_an_inactive_token_tells_no_more(visitor: Journey, value: str) -> None:
    """Inside the JWT too it is exactly `{"active": false}`."""
    assert signed(visitor, value).claims["token_introspection"] == INACTIVE


@pytest.mark.requirement("RFC 9701 §6", "MUST")
def test_answer_is_signed_as_the_client_chose(go: Journey) -> None:
    """By `introspection_signed_response_alg`, RS256 where it chose nothing."""
    metadata = {"introspection_signed_response_alg": "ES256", "grant_types": ["client_credentials"]}
    told = go.register(redirect_uris=None, scope="users:read", **metadata).get_json()
    token = signed(go, "unknown", (told["client_id"], told["client_secret"]))
    assert token.header["alg"] == "ES256"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (f"{JWT};q=0.5, application/json", "application/json"),
        ("text/html", "application/json"),
        (f"application/json;q=0.5, {JWT}", JWT),
        (f"{JWT}, */*;q=0.1", JWT),
    ],
)
def test_json_is_for_everybody_who_does_not_prefer_the_jwt(visitor: Journey, accept: str | None, kind: str) -> None:
    """RFC 9701 §4."""
    headers = {"Accept": accept} if accept is not None else {}
    answer = visitor.http.post("/oauth/introspect", data={"token": "x"}, auth=WEB, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, kind)


def test_signed_answer_is_no_access_token(visitor: Journey) -> None:
    """RFC 9701 §8.1: its type and its claims keep it from being taken for one."""
    body = {"token": visitor.tokens()["access_token"]}
    answer = visitor.http.post("/oauth/introspect", data=body, auth=WEB, headers={"Accept": JWT})
    assert visitor.use(answer.get_data(as_text=True)) == 401


def test_signed_answers_can_be_switched_off(go: Journey, configured: Callable[..., None]) -> None:
    metadata = "/.well-known/oauth-authorization-server"
    assert go.http.get(metadata).get_json()["introspection_signing_alg_values_supported"] == ["ES256", "RS256", "EdDSA"]
    configured(oauth_off=("signed_introspection",))
    assert "introspection_signing_alg_values_supported" not in go.http.get(metadata).get_json()
    answer = go.http.post("/oauth/introspect", data={"token": "x"}, auth=WEB, headers={"Accept": JWT})
    assert answer.get_json() == INACTIVE


def test_missing_token_is_an_invalid_request(visitor: Journey) -> None:
    answer = visitor.http.post("/oauth/introspect", data={"x": "1"}, auth=WEB)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
