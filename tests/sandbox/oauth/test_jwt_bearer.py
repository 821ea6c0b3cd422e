"""A client acts for a person of whom a trusted issuer says so (RFC 7523 §2.1, §3.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from sandbox.access.scopes import API, MEMBER, write_scope
from sandbox.oauth.capabilities import JWT_BEARER
from sandbox.oauth.models.trusted_issuer import distrust, trust
from sandbox.resources.users import service as users
from tests import builders
from tests.assertions import ISSUER, Signer, claims, unsigned
from tests.sandbox.oauth.at_once import AT_ONCE, all_at_once, outcomes
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, Journey

IDP = "https://idp.example"
BRIDGE = ("bridge", "secret")
FAR = 4_000_000_000
SIGNER, OTHER = Signer(), Signer()
Logged = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def bridged(go: Journey, acme: Acme) -> Journey:
    """A journey where the issuer is trusted, and the client `bridge` may bring its assertions."""
    with acme():
        trust(IDP, jwks=SIGNER.jwks)
        builders.a_client("bridge", grant_types=[JWT_BEARER], scope=" ".join(API))
    return go


def stated(**changes: Any) -> dict[str, Any]:
    return claims(IDP, **{"sub": "user@acme.example", **changes})


def bring(go: Journey, assertion: str, *, auth: tuple[str, str] | None = BRIDGE, **fields: str) -> TestResponse:
    return go.token(auth=auth, grant_type=JWT_BEARER, assertion=assertion, **fields)


def brought(go: Journey, **changes: Any) -> TestResponse:
    return bring(go, SIGNER.sign(stated(**changes)))


def assert_refused(answer: TestResponse, error: str = "invalid_grant") -> None:
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (400, error), body
    assert body["error_description"].endswith(").") or error in {"invalid_scope", "unsupported_grant_type"}


@pytest.mark.requirement("RFC 7523 §2.1", "MUST")
def test_client_acts_for_the_person_of_the_assertion(bridged: Journey, acme: Acme) -> None:
    """RFC 7523 §2.1: what the person's roles and the client's registration both allow, and no refresh token."""
    answer = brought(bridged).get_json()
    assert (answer["scope"], "refresh_token" in answer) == (write_scope(MEMBER & frozenset(API)), False)
    assert bridged.use(answer["access_token"], "/v1/users") == 200
    assert bridged.use(answer["access_token"], "/v1/audit-events") == 403


def test_person_is_named_by_address_or_id(bridged: Journey, acme: Acme) -> None:
    with acme():
        person = users.find_by_email("user@acme.example")
        assert person is not None
    assert [brought(bridged, sub=name).status_code for name in (person.id, "User@Acme.example")] == [200, 200]


@pytest.mark.requirement("RFC 7521 §4.1", "MUST")
def test_scope_is_narrowed_and_never_widened(bridged: Journey, acme: Acme) -> None:
    """RFC 7521 §4.1: what is asked, as far as client and person may have it."""
    assert bring(bridged, SIGNER.sign(stated()), scope="users:read").get_json()["scope"] == "users:read"
    assert_refused(bring(bridged, SIGNER.sign(stated()), scope="openid users:read"), "invalid_scope")
    assert_refused(bring(bridged, SIGNER.sign(stated()), scope="audit:read"), "invalid_scope")


@pytest.mark.requirement("RFC 7523 §3", "MAY")
def test_assertion_counts_once(bridged: Journey) -> None:
    assertion = SIGNER.sign(stated())
    assert bring(bridged, assertion).status_code == 200
    assert_refused(bring(bridged, assertion))


@pytest.mark.storage
@pytest.mark.requirement("RFC 7523 §3", "MAY")
def test_one_of_many_uses_an_assertion(app: Flask, bridged: Journey) -> None:
    """RFC 7523 §3 item 7: twelve at once, on both databases."""
    assertion = SIGNER.sign(stated())
    answers = all_at_once(app, lambda journey: bring(journey, assertion))
    assert outcomes(answers) == {(200, None): 1, (400, "invalid_grant"): AT_ONCE - 1}


@pytest.mark.requirement("RFC 7523 §3.1", "MUST")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"iss": 7},
        {"aud": "https://other.example"},
        {"aud": [ISSUER]},
        {"aud": f"{ISSUER}/oauth/token"},
        {"aud": None},
        {"sub": "nobody@acme.example"},
        {"sub": "bridge"},
        {"sub": ""},
        {"sub": None},
        {"sub": ["user@acme.example"]},
        {"sub": "\u0000"},
        {"exp": 1},
        {"exp": None},
        {"exp": FAR},
        {"nbf": FAR},
        {"jti": None},
    ],
)
def test_statement_that_does_not_hold_is_refused(bridged: Journey, changes: dict[str, Any]) -> None:
    """RFC 7523 §3, §3.1: `invalid_grant`, whatever is wrong with it."""
    assert_refused(brought(bridged, **changes))


@pytest.mark.attack(25)
@pytest.mark.requirement("RFC 8725 §3.1", "MUST")
def test_statement_that_the_issuer_did_not_sign_is_refused(bridged: Journey) -> None:
    for forged in (
        OTHER.sign(stated()),
        OTHER.sign(stated(), jwk=OTHER.public),
        unsigned(stated()),
        SIGNER.sign(stated(), typ="at+jwt"),
        SIGNER.sign(stated(), typ="client-authentication+jwt"),
        SIGNER.sign(stated(), typ="oauth-id-jag+jwt"),
        "x",
        "a.b.c",
    ):
        assert_refused(bring(bridged, forged))


def test_client_cannot_vouch_for_a_person_itself(bridged: Journey, acme: Acme) -> None:
    """The key of a client authenticates it, and says nothing about people."""
    with acme():
        builders.a_client("keyed", auth_method="private_key_jwt", jwks=OTHER.jwks, grant_types=[JWT_BEARER])
    assert_refused(bring(bridged, OTHER.sign(claims("keyed", sub="admin@acme.example"))))


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
def test_only_a_registered_confidential_client_may_bring_one(bridged: Journey, acme: Acme) -> None:
    with acme():
        builders.a_client("public", auth_method="none", secret_hash=None, grant_types=[JWT_BEARER])
    assert_refused(bring(bridged, SIGNER.sign(stated()), auth=CONNECTOR), "unauthorized_client")
    assert_refused(bring(bridged, SIGNER.sign(stated()), auth=None, client_id="public"), "unauthorized_client")
    assert bring(bridged, SIGNER.sign(stated()), auth=("bridge", "wrong")).status_code == 401
    assert_refused(bridged.token(auth=BRIDGE, grant_type=JWT_BEARER), "invalid_request")


def test_token_dies_with_its_person(bridged: Journey, acme: Acme) -> None:
    value = brought(bridged).get_json()["access_token"]
    with acme():
        person = users.find_by_email("user@acme.example")
        assert person is not None
        users.suspend(person.id)
    assert bridged.use(value, "/v1/users") == 401
    assert_refused(brought(bridged))


def test_issuer_that_is_distrusted_is_not_believed(bridged: Journey, acme: Acme, logged: Logged) -> None:
    with acme():
        assert (distrust(IDP), distrust(IDP)) == (True, False)
    assert_refused(brought(bridged))
    assert [event["targets"][0]["id"] for event in logged("oauth.issuer.trusted", "oauth.issuer.distrusted")] == [
        IDP
    ] * 2


def test_issuer_of_one_tenant_is_unknown_in_the_other(bridged: Journey, app: Flask) -> None:
    elsewhere = Journey(app.test_client(), "/t/other")
    form = {"grant_type": JWT_BEARER, "assertion": SIGNER.sign(stated(aud=f"{ISSUER}/t/other"))}
    assert elsewhere.token(auth=CONNECTOR, **form).get_json()["error"] in {"unauthorized_client", "invalid_grant"}


def test_it_is_logged_for_whom_and_on_whose_word(bridged: Journey, logged: Logged) -> None:
    brought(bridged)
    event = logged("oauth.token.issued")[-1]
    assert (event["actor"]["id"], event["targets"][0]["type"]) == ("bridge", "user")
    assert (event["details"]["issuer"], event["details"]["grant_type"]) == (IDP, JWT_BEARER)


@pytest.mark.requirement("RFC 8414 §2", "MUST")
def test_grant_that_is_off_is_neither_promised_nor_given(bridged: Journey, switched: Callable[..., Journey]) -> None:
    off = switched("jwt_bearer")
    document = off.http.get("/.well-known/oauth-authorization-server").get_json()
    assert JWT_BEARER not in json.dumps(document)
    assert_refused(bring(off, SIGNER.sign(stated())), "unsupported_grant_type")
