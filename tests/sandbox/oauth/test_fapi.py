"""The FAPI 2.0 Security Profile, as a property of a client: it pushes, signs its assertions, and binds its tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jws
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sandbox.access.client import Client
from sandbox.access.token import RefreshToken
from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.oauth.models.authorization_code import AuthorizationCode
from sandbox.oauth.models.pushed_request import PushedRequest
from sandbox.resources.grants import service as grants
from sandbox.resources.grants.model import Grant
from sandbox.settings import Settings
from tests import builders
from tests.proofs import Holder
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, VERIFIER, Journey, arrived, asking
from tests.sandbox.oauth.signing import JWKS, object_claims, sign

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_ENDPOINT = "http://localhost/oauth/token"
HOLDER = Holder()


def assertion(alg: str = "ES256") -> str:
    """What the client `bank` proves itself with, a new one each time."""
    claims = {"iss": "bank", "sub": "bank", "aud": "http://localhost", "jti": str(uuid4())}
    return sign({**claims, "exp": wall_seconds() + 60}, alg=alg, typ="JWT")


@pytest.fixture
def bank(go: Journey, acme: Acme) -> Iterator[Journey]:
    """A journey of the client `bank`, which is held to the profile, with somebody signed in."""
    with acme():
        a_fapi_client()
    go.sign_in()
    yield go


def a_fapi_client(client_id: str = "bank", **given: Any) -> None:
    usual: dict[str, Any] = {
        "profile": "fapi2",
        "auth_method": "private_key_jwt",
        "secret_hash": None,
        "jwks": JWKS,
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [CALLBACK, "https://bank.example/callback", "http://bank.example/callback"],
        "scope": "openid users:read",
    }
    builders.a_client(client_id, **{**usual, **given})


def proven(alg: str = "ES256") -> dict[str, str]:
    return {"client_id": "bank", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion(alg)}


def push(go: Journey, alg: str = "ES256", **changes: str | None) -> TestResponse:
    return go.http.post("/oauth/par", data=asking(**{**proven(alg), **changes}))


def code_of(go: Journey, **changes: str | None) -> str:
    request_uri = push(go, **changes).get_json()["request_uri"]
    query = {"client_id": "bank", "request_uri": request_uri}
    page = go.follow(go.http.get("/oauth/authorize", query_string=query))
    return arrived(go.submit(page, decision="allow"))["code"]


def bound() -> dict[str, str]:
    return {"DPoP": HOLDER.proof("POST", TOKEN_ENDPOINT)}


def redeem(go: Journey, code: str, headers: dict[str, str] | None = None) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    sent = bound() if headers is None else headers
    return go.http.post("/oauth/token", data={**form, **proven()}, headers=sent)


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.2", "MUST")
def test_client_that_does_everything_gets_bound_tokens(bank: Journey) -> None:
    """Pushed, authenticated by key, redeemed with binding: the whole way, with `iss`."""
    answer = redeem(bank, code_of(bank)).get_json()
    assert (answer["token_type"], answer["scope"]) == ("DPoP", "openid users:read")


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.2", "MUST")
def test_plain_request_is_refused(bank: Journey) -> None:
    """Only pushed requests are accepted, whether signed or not."""
    for told in (
        bank.authorize(client_id="bank"),
        bank.authorize(client_id="bank", request=sign(object_claims("bank"))),
    ):
        refusal = arrived(told)
        assert (refusal["error"], refusal["iss"]) == ("invalid_request", "http://localhost")
        assert "FAPI 2.0" in refusal["error_description"]


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.1", "MUST")
@pytest.mark.parametrize("auth_method", ["client_secret_basic", "none"])
@pytest.mark.parametrize("endpoint", ["par", "token", "revoke"])
def test_secret_or_nothing_is_no_authentication(go: Journey, acme: Acme, auth_method: str, endpoint: str) -> None:
    """Every endpoint that authenticates wants a key, so a public client cannot be of the profile at all."""
    secret = {"secret_hash": None} if auth_method == "none" else {}
    with acme():
        builders.a_client("weak", profile="fapi2", auth_method=auth_method, **secret)
    form = asking(client_id="weak")
    answer = go.http.post(f"/oauth/{endpoint}", data=form, auth=None if auth_method == "none" else ("weak", "secret"))
    if (endpoint, auth_method) == ("token", "client_secret_basic"):
        answer = go.token(auth=("weak", "secret"), grant_type="client_credentials")
    elif endpoint == "token":
        answer = go.token(auth=None, client_id="weak", grant_type="authorization_code", code="x")
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.1", "MUST")
def test_unbound_tokens_are_not_issued(bank: Journey) -> None:
    """A bearer token would be issued without the profile; here the refusal uses nothing up."""
    code = code_of(bank)
    answer = redeem(bank, code, headers={})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert redeem(bank, code).status_code == 200


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.4.1", "MUST")
@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA", "RS256"])
def test_weak_algorithm_is_refused_wherever_the_client_signs(bank: Journey, alg: str) -> None:
    """RS256 neither for assertions nor for request objects nor for proofs; the other three for all."""
    signed = sign(object_claims("bank"), alg=alg)
    weak_proof = sign({}, alg=alg, typ="dpop+jwt")
    proof = weak_proof if alg == "RS256" else Holder(alg).proof("POST", TOKEN_ENDPOINT)
    code = code_of(bank)
    answers = [
        push(bank, alg),
        push(bank, request=signed),
        redeem(bank, code, headers={"DPoP": proof}),
    ]
    errors = [answer.get_json().get("error") for answer in answers]
    weak = ["invalid_client", "invalid_request_object", "invalid_dpop_proof"]
    assert errors == (weak if alg == "RS256" else [None] * 3)


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.4.1", "MUST")
@pytest.mark.parametrize(
    "option",
    [
        "token_endpoint_auth_signing_alg",
        "request_object_signing_alg",
        "id_token_signed_response_alg",
        "access_token_signed_response_alg",
    ],
)
def test_registration_for_a_weak_algorithm_is_refused(go: Journey, acme: Acme, option: str) -> None:
    """Also where our own tokens would be signed with it."""
    with acme():
        a_fapi_client(options={option: "RS256"})
    by_its_key = option == "token_endpoint_auth_signing_alg"  # Then there is no assertion that it could send.
    assert push(go).get_json()["error"] == ("invalid_client" if by_its_key else "unauthorized_client")


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.2", "MUST")
@pytest.mark.parametrize(
    ("redirect_uri", "accepted"),
    [
        (CALLBACK, True),
        ("https://bank.example/callback", True),
        ("http://bank.example/callback", False),
    ],
)
def test_answers_travel_over_https_or_loopback(bank: Journey, redirect_uri: str, accepted: bool) -> None:
    """A redirect URI of plain http is refused even where it is registered."""
    assert push(bank, redirect_uri=redirect_uri).status_code == (201 if accepted else 400)


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.2", "MUST")
def test_redirect_uri_must_be_named(go: Journey, acme: Acme) -> None:
    """Having registered only one is no excuse."""
    with acme():
        a_fapi_client(redirect_uris=[CALLBACK])
    assert push(go, redirect_uri=None).get_json()["error"] == "invalid_request"


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.1", "MUST")
@pytest.mark.parametrize(("age", "status"), [(59, 200), (62, 400)])
def test_code_lives_for_a_minute_whatever_is_set(
    database_url: str, identities: None, acme: Acme, age: int, status: int
) -> None:
    """The server may be set to more, for other clients."""
    go = Journey(create_app(Settings(database_url=database_url, authorization_code_seconds=300)).test_client())
    with acme():
        a_fapi_client()
    go.sign_in()
    code = code_of(go)
    with acme(), transaction() as session:
        session.execute(update(AuthorizationCode).values(expires_at=AuthorizationCode.expires_at - age))
    assert redeem(go, code).status_code == status


def test_other_clients_are_not_held_to_it(go: Journey, acme: Acme) -> None:
    """The same client without the profile gets a bearer token for a plain request."""
    with acme(), transaction() as session:
        a_fapi_client()
        session.execute(update(Client).where(Client.id == "bank").values(profile="oauth2"))
    go.sign_in()
    code = arrived(go.consent(client_id="bank"))["code"]
    assert redeem(go, code, headers={}).get_json()["token_type"] == "Bearer"


def refresh(go: Journey, value: str, headers: dict[str, str] | None = None, **changes: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": value, **proven(), **changes}
    return go.http.post("/oauth/token", data=form, headers=bound() if headers is None else headers)


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.1", "MUST")
def test_refresh_token_stays_the_same(bank: Journey, logged: Callable[..., list[dict[str, Any]]]) -> None:
    """No rotation: an answer that is lost costs nothing, and using the token again is no replay."""
    value = redeem(bank, code_of(bank)).get_json()["refresh_token"]
    answers = [refresh(bank, value).get_json() for _ in range(3)]
    assert [(answer["token_type"], answer.get("refresh_token")) for answer in answers] == [("DPoP", None)] * 3
    assert (len(logged("oauth.token.refreshed")), logged("oauth.token.reuse_detected")) == (3, [])


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.1", "MUST")
def test_what_a_refresh_gives_is_bound(bank: Journey) -> None:
    """Without a proof it gives nothing, and costs nothing; the key may be another one, since the client is known."""
    value = redeem(bank, code_of(bank)).get_json()["refresh_token"]
    refused = refresh(bank, value, headers={})
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    other = Holder()
    token = refresh(bank, value, headers={"DPoP": other.proof("POST", TOKEN_ENDPOINT)}).get_json()["access_token"]
    assert jws.extract_compact(token.encode()).payload.count(other.jkt.encode()) == 1


def test_refresh_token_that_is_used_lives_on(bank: Journey, acme: Acme) -> None:
    """As long from each use as a successor would; unused, it ends in its time."""
    value = redeem(bank, code_of(bank)).get_json()["refresh_token"]

    def left() -> int:
        with acme():
            return db.session.scalars(select(RefreshToken.expires_at)).one() - wall_seconds()

    def age(seconds: int) -> None:
        with acme(), transaction() as session:
            session.execute(update(RefreshToken).values(expires_at=RefreshToken.expires_at - seconds))

    whole = left()
    age(whole - 60)
    assert refresh(bank, value).status_code == 200
    assert whole - 60 < left() <= whole
    age(whole)
    assert refresh(bank, value).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("how", ["given back", "withdrawn"])
def test_refresh_token_that_stays_can_be_ended(bank: Journey, acme: Acme, how: str) -> None:
    value = redeem(bank, code_of(bank)).get_json()["refresh_token"]
    if how == "given back":
        bank.http.post("/oauth/revoke", data={"token": value, **proven()})
    else:
        with acme():
            grants.revoke(db.session.scalars(select(Grant.id)).one(), reason="changed my mind")
    assert refresh(bank, value).get_json()["error"] == "invalid_grant"


def test_refresh_token_of_before_the_profile_is_still_used_once(bank: Journey, acme: Acme) -> None:
    """What was consumed under rotation stays consumed: its replay ends the family."""
    with acme(), transaction() as session:
        session.execute(update(Client).where(Client.id == "bank").values(profile="oauth2"))
    first = redeem(bank, code_of(bank)).get_json()["refresh_token"]
    second = refresh(bank, first).get_json()["refresh_token"]
    with acme(), transaction() as session:
        session.execute(update(Client).where(Client.id == "bank").values(profile="fapi2"))
    assert refresh(bank, first).get_json()["error"] == "invalid_grant"
    assert refresh(bank, second).get_json()["error"] == "invalid_grant"


@pytest.mark.requirement("FAPI 2.0 Security Profile §5.3.2.2", "MUST")
@pytest.mark.parametrize(("profile", "seconds"), [("fapi2", 599), ("oauth2", 600)])
def test_pushed_request_waits_less_than_ten_minutes(
    database_url: str, identities: None, acme: Acme, profile: str, seconds: int
) -> None:
    """Whatever the server is set to for other clients; what is said is what counts."""
    go = Journey(create_app(Settings(database_url=database_url, pushed_request_seconds=600)).test_client())
    with acme():
        a_fapi_client(profile=profile)
    assert push(go).get_json()["expires_in"] == seconds
    with acme():
        assert seconds - 5 <= db.session.scalars(select(PushedRequest.expires_at)).one() - wall_seconds() <= seconds
