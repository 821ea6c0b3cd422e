"""Tokens for other parties, audiences and scopes (RFC 8693): narrowed, on behalf of, never beyond what they came from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from joserfc import jws
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sandbox.access.client import find_client
from sandbox.access.token import AccessToken, TokenFamily, revoke_families
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, table_of, transaction
from sandbox.foundation.tenancy import current_tenant_id, touch
from sandbox.oauth.capabilities import TOKEN_EXCHANGE
from sandbox.oauth.grants.token_exchange import ACCESS_TOKEN
from sandbox.resources.apps import service as apps
from sandbox.resources.grants import service as grants
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, USER, Journey

GATEWAY, FILES = ("gateway", "secret"), ("files", "secret")
GUARDED, SECOND = "https://files.example/api", "https://second.example/api"
NATIVE = "http://localhost/v1"
GRANTS = ["client_credentials", TOKEN_EXCHANGE]
Logged = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def exchanging(go: Journey, acme: Acme) -> Journey:
    """A journey with two clients that exchange: `gateway`, and `files`, which guards an API; `second` guards another."""
    with acme():
        builders.a_client("gateway", grant_types=GRANTS)
        builders.a_client("files", grant_types=GRANTS, resource=GUARDED)
        builders.a_client("second", resource=SECOND)
    return go


def exchange(go: Journey, subject: str, *, auth: tuple[str, str] | None = GATEWAY, **form: str | None) -> TestResponse:
    usual = {"grant_type": TOKEN_EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
    return go.token(auth=auth, **{**usual, **form})


def own(go: Journey, auth: tuple[str, str] = GATEWAY, **form: str) -> str:
    """A token of a client for itself."""
    value: str = go.token(auth=auth, grant_type="client_credentials", **form).get_json()["access_token"]
    return value


def of_user(go: Journey, resource: str = GUARDED) -> dict[str, Any]:
    """What demo-web gets for the user, to call an API with."""
    return go.tokens(USER, resource=resource, scope="users:read groups:read")


def claims_of(answer: TestResponse | str) -> dict[str, Any]:
    value = answer if isinstance(answer, str) else answer.get_json()["access_token"]
    claims: dict[str, Any] = orjson.loads(jws.extract_compact(value.encode()).payload)
    return claims


def assert_refused(answer: TestResponse, error: str = "invalid_request") -> None:
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (400, error), body
    assert body["error_description"].endswith(").") or error in {"invalid_scope", "unsupported_grant_type"}


@pytest.mark.requirement("RFC 8693 §2.2.1", "MUST")
def test_answer_says_what_was_issued(exchanging: Journey) -> None:
    """RFC 8693 §2.2.1: and there is no refresh token."""
    answer = exchange(exchanging, own(exchanging), scope="users:read").get_json()
    assert answer["issued_token_type"] == ACCESS_TOKEN
    assert (answer["token_type"], answer["scope"], "refresh_token" in answer) == ("Bearer", "users:read", False)
    assert exchanging.use(answer["access_token"], "/v1/users") == 200


@pytest.mark.requirement("RFC 8693 §1.1", "MAY")
def test_api_goes_on_for_its_caller(exchanging: Journey) -> None:
    """RFC 8693 §1.1 impersonation: the token was meant for `files`, which calls the native API as the user."""
    answer = exchange(exchanging, of_user(exchanging)["access_token"], auth=FILES, resource=NATIVE, scope="users:read")
    claims = claims_of(answer)
    assert (claims["aud"], claims["client_id"], claims["scope"]) == (NATIVE, "files", "users:read")
    assert "act" not in claims
    assert exchanging.use(answer.get_json()["access_token"], "/v1/users") == 200


@pytest.mark.requirement("RFC 8693 §4.1", "MUST")
def test_delegation_names_every_actor(exchanging: Journey, acme: Acme) -> None:
    """RFC 8693 §4.1: the present actor outside, those before inside; the subject stays who it was."""
    user = of_user(exchanging)["access_token"]
    first = exchange(
        exchanging, user, auth=FILES, resource=SECOND, actor_token=own(exchanging, FILES), actor_token_type=ACCESS_TOKEN
    )
    assert claims_of(first)["act"] == {"sub": "files", "client_id": "files"}
    with acme():
        _change_client("second", grant_types=GRANTS)
    second = exchange(
        exchanging,
        first.get_json()["access_token"],
        auth=("second", "secret"),
        resource=NATIVE,
        actor_token=own(exchanging, ("second", "secret")),
        actor_token_type="urn:ietf:params:oauth:token-type:jwt",
    )
    assert claims_of(second)["act"] == {"sub": "second", "client_id": "second", "act": claims_of(first)["act"]}
    assert claims_of(second)["sub"] == claims_of(user)["sub"]
    shown = exchanging.http.post(
        "/oauth/introspect", data={"token": second.get_json()["access_token"]}, auth=("second", "secret")
    ).get_json()
    assert shown["act"] == claims_of(second)["act"]


@pytest.mark.requirement("RFC 8693 §4.1", "MUST")
def test_impersonation_hides_no_earlier_actor(exchanging: Journey) -> None:
    user, actor = of_user(exchanging)["access_token"], own(exchanging, FILES)
    first = exchange(exchanging, user, auth=FILES, actor_token=actor, actor_token_type=ACCESS_TOKEN)
    again = exchange(exchanging, first.get_json()["access_token"], auth=FILES)
    assert claims_of(again)["act"] == {"sub": "files", "client_id": "files"}


@pytest.mark.requirement("RFC 8693 §2.1", "MAY")
@pytest.mark.parametrize(
    "target",
    [{"resource": SECOND}, {"audience": SECOND}, {"audience": "second"}, {"audience": "second", "resource": SECOND}],
)
def test_target_is_named_as_resource_or_audience(exchanging: Journey, target: dict[str, str]) -> None:
    """RFC 8693 §2.1: by its URI, or by the client that guards it."""
    answer = exchange(exchanging, of_user(exchanging)["access_token"], auth=FILES, **target)
    assert claims_of(answer)["aud"] == SECOND


@pytest.mark.requirement("RFC 8707 §2.2", "MUST")
def test_own_token_is_narrowed_to_one_audience_but_never_widened(exchanging: Journey) -> None:
    both = exchanging.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "resource": [GUARDED, SECOND]},
        auth=GATEWAY,
    ).get_json()["access_token"]
    assert claims_of(exchange(exchanging, both, resource=SECOND))["aud"] == SECOND
    assert sorted(claims_of(exchange(exchanging, both))["aud"]) == sorted([GUARDED, SECOND])
    assert_refused(exchange(exchanging, both, resource=NATIVE), "invalid_target")
    assert_refused(exchange(exchanging, own(exchanging), resource=SECOND), "invalid_target")


@pytest.mark.attack(48)
@pytest.mark.requirement("RFC 8693 §2.2.2", "MUST")
@pytest.mark.parametrize(
    "target",
    [
        {"audience": "nobody"},
        {"audience": "gateway"},
        {"resource": "https://unknown.example"},
        {"resource": "/v1"},
        {"resource": f"{NATIVE}#x"},
        {"audience": NATIVE, "resource": "https://unknown.example"},
    ],
)
def test_unknown_target_is_refused(exchanging: Journey, target: dict[str, str]) -> None:
    """RFC 8693 §2.2.2: `invalid_target`."""
    assert_refused(exchange(exchanging, of_user(exchanging)["access_token"], auth=FILES, **target), "invalid_target")


@pytest.mark.attack(48)
@pytest.mark.requirement("RFC 8693 §2.2.2", "MUST")
def test_token_that_cannot_be_used_is_refused(exchanging: Journey, acme: Acme) -> None:
    """RFC 8693 §2.2.2 `invalid_request`: nonsense, a refresh token, an ID token, an old one, one of another tenant."""
    tokens = exchanging.tokens(USER)
    with acme():
        expired = builders.an_access_token("users:read", client_id="gateway", exp=wall_seconds() - 60)
    elsewhere = Journey(exchanging.http, "/t/other")
    foreign = elsewhere.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    for value in ("x", "a.b.c", tokens["refresh_token"], tokens["id_token"], expired, foreign):
        assert_refused(exchange(exchanging, value))
        actor = {"actor_token": value, "actor_token_type": ACCESS_TOKEN}
        assert_refused(exchange(exchanging, own(exchanging), **actor))


@pytest.mark.attack(48)
@pytest.mark.requirement("RFC 8693 §2.1", "MUST")
@pytest.mark.parametrize(
    "form",
    [
        {"subject_token": None},
        {"subject_token_type": None},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": "x"},
        {"actor_token_type": ACCESS_TOKEN},
        {"actor_token": "x", "actor_token_type": "nonsense"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"},
    ],
)
def test_malformed_request_is_refused(exchanging: Journey, form: dict[str, str | None]) -> None:
    """RFC 8693 §2.1: a token without its type, a type that is not taken or not issued."""
    assert_refused(exchange(exchanging, own(exchanging), **form))


@pytest.mark.attack(48)
@pytest.mark.requirement("RFC 9700 §2.3", "SHOULD")
def test_found_token_is_worth_nothing(exchanging: Journey) -> None:
    """Neither issued to the client nor meant for it, as subject or as actor."""
    user = of_user(exchanging)["access_token"]
    assert_refused(exchange(exchanging, user))
    assert_refused(exchange(exchanging, own(exchanging, CONNECTOR)))
    foreign = {"actor_token": own(exchanging, CONNECTOR), "actor_token_type": ACCESS_TOKEN}
    assert_refused(exchange(exchanging, user, auth=FILES, **foreign))


@pytest.mark.requirement("RFC 8693 §4.4", "MUST")
def test_may_act_is_honored(exchanging: Journey, acme: Acme) -> None:
    """RFC 8693 §4.4: whom the token names may act, nobody else, not even the API that it is for; its owner narrows it."""
    with acme():
        _change_client(
            "demo-web", options={"may_act": {"sub": "gateway"}}, grant_types=["authorization_code", TOKEN_EXCHANGE]
        )
    user = of_user(exchanging)["access_token"]
    assert claims_of(user)["may_act"] == {"sub": "gateway"}
    assert claims_of(exchange(exchanging, user))["client_id"] == "gateway"
    acting = {"actor_token": own(exchanging), "actor_token_type": ACCESS_TOKEN}
    assert claims_of(exchange(exchanging, user, **acting))["act"]["sub"] == "gateway"
    assert_refused(exchange(exchanging, user, auth=FILES))
    assert exchange(exchanging, user, auth=("demo-web", "demo-web-secret"), scope="users:read").status_code == 200
    assert_refused(exchange(exchanging, user, resource=NATIVE), "invalid_target")


@pytest.mark.requirement("RFC 8693 §4.4", "MUST")
@pytest.mark.parametrize(
    "may_act", [{}, [], "gateway", {"sub": "gateway", "iss": "https://other.example"}, {"x": None}]
)
def test_may_act_that_names_nobody_lets_nobody_act(exchanging: Journey, acme: Acme, may_act: Any) -> None:
    with acme():
        value = builders.an_access_token("users:read", client_id="demo-web", may_act=may_act)
    assert_refused(exchange(exchanging, value))


@pytest.mark.requirement("RFC 8693 §2.1", "MUST")
def test_scope_is_narrowed_to_what_both_may_have(exchanging: Journey, acme: Acme) -> None:
    with acme():
        _change_client("gateway", scope="users:read groups:read roles:read")
    subject = own(exchanging, scope="users:read groups:read")
    assert exchange(exchanging, subject).get_json()["scope"] == "users:read groups:read"
    assert_refused(exchange(exchanging, subject, scope="roles:read"), "invalid_scope")
    assert_refused(exchange(exchanging, subject, scope="audit:read"), "invalid_scope")


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
@pytest.mark.attack(48)
def test_only_a_registered_confidential_client_exchanges(exchanging: Journey, acme: Acme) -> None:
    with acme():
        builders.a_client("public", auth_method="none", secret_hash=None, grant_types=[TOKEN_EXCHANGE])
    subject = own(exchanging)
    assert_refused(exchange(exchanging, subject, auth=CONNECTOR), "unauthorized_client")
    assert_refused(exchange(exchanging, subject, auth=None, client_id="public"), "unauthorized_client")
    assert exchange(exchanging, subject, auth=("gateway", "wrong")).status_code == 401


def test_new_token_does_not_outlive_the_old_one(exchanging: Journey, acme: Acme) -> None:
    with acme():
        ending = wall_seconds() + 100
        subject = builders.an_access_token("users:read", client_id="gateway", exp=ending)
        _set_expiry(claims_of(subject)["jti"], ending)
    answer = exchange(exchanging, subject)
    assert claims_of(answer)["exp"] == ending
    assert 90 < answer.get_json()["expires_in"] <= 100


@pytest.mark.storage
@pytest.mark.parametrize("end", ["suspend", "family", "grant", "refresh", "app"])
def test_new_token_dies_with_what_it_came_from(exchanging: Journey, acme: Acme, end: str) -> None:
    """And what was derived from that: suspension, revocation of family, grant or refresh token, the app disabled."""
    tokens = of_user(exchanging)
    first = exchange(exchanging, tokens["access_token"], auth=FILES, resource=NATIVE).get_json()["access_token"]
    second = exchange(exchanging, first, auth=FILES).get_json()["access_token"]
    assert [exchanging.use(value, "/v1/users") for value in (first, second)] == [200, 200]
    with acme():
        family = _family_of(tokens["access_token"])
        if end == "suspend":
            users.suspend(str(family.user_id))
        elif end == "family":
            assert revoke_families("tested", TokenFamily.id == family.id) == 3
        elif end == "grant":
            grants.revoke(str(family.grant_id), reason="tested")
        elif end == "app":
            apps.disable(apps.for_client("demo-web").id)
    if end == "refresh":
        exchanging.http.post(
            "/oauth/revoke", data={"token": tokens["refresh_token"]}, auth=("demo-web", "demo-web-secret")
        )
    assert [exchanging.use(value, "/v1/users") for value in (first, second)] == [401, 401]
    assert_refused(exchange(exchanging, first, auth=FILES))


def test_client_that_exchanged_takes_only_its_own_along(exchanging: Journey, acme: Acme) -> None:
    tokens = exchanging.tokens(USER, resource=GUARDED, scope="users:read")
    derived = exchange(exchanging, tokens["access_token"], auth=FILES, resource=NATIVE).get_json()["access_token"]
    with acme():
        revoke_families("tested", TokenFamily.client_id == "files")
    assert exchanging.use(derived, "/v1/users") == 401
    assert exchanging.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.requirement("RFC 9449 §5", "MUST")
def test_bound_token_is_not_laundered_into_a_free_one(exchanging: Journey, acme: Acme) -> None:
    """RFC 9449 §5: without a proof of its key, a token that is bound to one brings nothing, as subject or as actor."""
    with acme():
        bound = builders.an_access_token("users:read", client_id="gateway", cnf={"jkt": "x" * 43})
        with transaction():
            terms = {"jkt": "x" * 43}
            tokens = table_of(AccessToken)
            mine = (tokens.c.tenant_id == current_tenant_id(), tokens.c.id == claims_of(bound)["jti"])
            db.session.execute(update(tokens).where(*mine).values(terms=terms))
            touch()
    answer = exchange(exchanging, bound)
    assert (answer.status_code, answer.get_json()["error"] in {"invalid_request", "invalid_dpop_proof"}) == (400, True)
    assert_refused(exchange(exchanging, own(exchanging), actor_token=bound, actor_token_type=ACCESS_TOKEN))


def test_exchange_is_logged_with_subject_and_actor(exchanging: Journey, logged: Logged) -> None:
    user, actor = of_user(exchanging)["access_token"], own(exchanging, FILES)
    exchange(exchanging, user, auth=FILES, resource=NATIVE, actor_token=actor, actor_token_type=ACCESS_TOKEN)
    (event,) = logged("oauth.token.exchanged")
    assert (event["actor"]["id"], event["targets"][0]["id"]) == ("files", claims_of(user)["sub"])
    assert (event["details"]["actor"], event["details"]["subject_token_id"]) == ("files", claims_of(user)["jti"])


@pytest.mark.requirement("RFC 8414 §2", "MUST")
def test_grant_that_is_off_is_neither_promised_nor_given(exchanging: Journey, switched: Callable[..., Journey]) -> None:
    subject, off = own(exchanging), switched("token_exchange")
    assert TOKEN_EXCHANGE not in json.dumps(off.http.get("/.well-known/oauth-authorization-server").get_json())
    assert_refused(exchange(off, subject), "unsupported_grant_type")


def _change_client(client_id: str, **values: Any) -> None:
    with transaction():
        client = find_client(client_id)
        assert client is not None
        for name, value in values.items():
            setattr(client, name, value)
        touch()


def _family_of(value: str) -> TokenFamily:
    token = db.session.scalars(select(AccessToken).where(AccessToken.id == claims_of(value)["jti"])).one()
    return db.session.scalars(select(TokenFamily).where(TokenFamily.id == token.family_id)).one()


def _set_expiry(token_id: str, moment: int) -> None:
    with transaction():
        db.session.scalars(select(AccessToken).where(AccessToken.id == token_id)).one().expires_at = moment
