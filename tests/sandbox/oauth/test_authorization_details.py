"""Rich authorization requests (RFC 9396) with the type `harbor_project`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from sqlalchemy import update

from sandbox.access.client import Client
from sandbox.app import create_app
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth.detail_types import covers, sentence
from sandbox.oauth.models.device_code import DeviceCode
from sandbox.settings import Settings
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, WEB, Journey, arrived, asking
from tests.sandbox.oauth.signing import JWKS, object_claims, sign

PROJECT = {"type": "harbor_project", "identifier": "prj_01", "actions": ["read", "comment"], "datatypes": ["files"]}
READING = {**PROJECT, "actions": ["read"]}
Logged = Callable[..., list[dict[str, Any]]]


def written(*details: Any) -> str:
    return json.dumps(details)


def claims_of(value: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(jws.extract_compact(value.encode()).payload)
    return claims


@pytest.mark.requirement("RFC 9396 §7", "MUST")
@pytest.mark.requirement("RFC 9396 §9.1", "MUST")
@pytest.mark.requirement("RFC 9396 §9.2", "MUST")
def test_details_travel_to_token_answer_and_introspection(visitor: Journey) -> None:
    """What was consented to is in the answer, in the JWT, in introspection of both tokens, and after a refresh."""
    answer = visitor.tokens(authorization_details=written(PROJECT))
    again = visitor.refresh(answer["refresh_token"]).get_json()
    assert answer["authorization_details"] == again["authorization_details"] == [PROJECT]
    assert claims_of(answer["access_token"])["authorization_details"] == [PROJECT]
    for token in (again["access_token"], again["refresh_token"]):
        told = visitor.http.post("/oauth/introspect", data={"token": token}, auth=WEB).get_json()
        assert told["authorization_details"] == [PROJECT]


BAD: dict[str, str] = {
    "no JSON": "{",
    "no array": json.dumps(PROJECT),
    "empty": "[]",
    "no object": "[1]",
    "null": "[null]",
    "too many": written(*[PROJECT] * 21),
    "too long": written({**PROJECT, "identifier": "prj_" + "a" * 9000}),
    "too deep": "[" * 5000 + "]" * 5000,
    "no type": written({"actions": ["read"]}),
    "unknown type": written({**PROJECT, "type": "payment_initiation"}),
    "type of another kind": written({**PROJECT, "type": ["harbor_project"]}),
    "unknown field": written({**PROJECT, "amount": 5}),
    "missing field": written({"type": "harbor_project"}),
    "no actions": written({**PROJECT, "actions": []}),
    "unknown action": written({**PROJECT, "actions": ["own"]}),
    "field of another kind": written({**PROJECT, "actions": "read"}),
    "number in a list": written({**PROJECT, "datatypes": [1]}),
    "malformed identifier": written({**PROJECT, "identifier": "prj_<script>"}),
    "identifier with a line": written({**PROJECT, "identifier": "prj_1\n"}),
    "location elsewhere": written({**PROJECT, "locations": ["https://elsewhere.example"]}),
    "good beside bad": written(PROJECT, {**PROJECT, "type": "x"}),
}


@pytest.mark.attack(49)
@pytest.mark.requirement("RFC 9396 §5", "MUST")
@pytest.mark.parametrize("bad", BAD)
def test_malformed_details_are_refused_everywhere(visitor: Journey, bad: str) -> None:
    """Unknown types, unknown, missing and mistyped fields: at all three endpoints; what was sent is not repeated."""
    value = BAD[bad]
    token = {"grant_type": "client_credentials", "authorization_details": value}
    told = [
        arrived(visitor.authorize(authorization_details=value)),
        visitor.http.post("/oauth/par", data=asking(authorization_details=value), auth=WEB).get_json(),
        visitor.token(auth=CONNECTOR, **token).get_json(),
    ]
    assert {refusal["error"] for refusal in told} == {"invalid_authorization_details"}
    assert not any(
        sent in refusal["error_description"] for refusal in told for sent in ("script", "payment", "amount", "own")
    )


@pytest.mark.requirement("RFC 9396 §6", "MUST")
@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ([PROJECT], True),
        ([READING], True),
        ([READING, {**PROJECT, "actions": ["comment"]}], True),
        ([{**PROJECT, "locations": ["http://localhost/v1"]}], True),
        ([{**PROJECT, "actions": ["read", "write"]}], False),
        ([{**PROJECT, "identifier": "prj_02"}], False),
        ([{**PROJECT, "datatypes": ["files", "members"]}], False),
        ([{name: value for name, value in PROJECT.items() if name != "identifier"}], False),
        ([{name: value for name, value in PROJECT.items() if name != "datatypes"}], False),
        ([READING, {**PROJECT, "identifier": "prj_02"}], False),
    ],
)
def test_token_request_narrows_and_never_widens(visitor: Journey, asked: list[Any], allowed: bool) -> None:
    """With a code and with a refresh token; the successor keeps all, and a refusal uses nothing up."""
    code = visitor.code(authorization_details=written(PROJECT))
    first = visitor.redeem(code, authorization_details=written(*asked))
    if not allowed:
        assert first.get_json()["error"] == "invalid_authorization_details"
        first = visitor.redeem(code)
    second = visitor.refresh(first.get_json()["refresh_token"], authorization_details=written(*asked))
    assert second.status_code == (200 if allowed else 400)
    if allowed:
        assert first.get_json()["authorization_details"] == second.get_json()["authorization_details"] == asked
        whole = visitor.refresh(second.get_json()["refresh_token"]).get_json()
        assert whole["authorization_details"] == [PROJECT]


def test_nothing_granted_covers_nothing(visitor: Journey) -> None:
    """Details that were never consented to cannot be slipped in later."""
    refused = visitor.redeem(visitor.code(), authorization_details=written(READING))
    assert refused.get_json()["error"] == "invalid_authorization_details"


@pytest.mark.requirement("RFC 9396 §3", "MAY")
def test_device_gets_the_details_that_somebody_allowed(go: Journey, logged: Logged) -> None:
    """RFC 9396 §3: a parameter of every authorization request, RFC 8628 §3.1 among them; what was allowed is in the log."""
    codes = go.ask_as_device(authorization_details=written(PROJECT)).get_json()
    go.sign_in()
    go.decide_device(codes["user_code"])
    answer = go.poll(codes["device_code"]).get_json()
    again = go.refresh(answer["refresh_token"], auth=None, client_id="demo-native").get_json()
    assert answer["authorization_details"] == again["authorization_details"] == [PROJECT]
    assert claims_of(answer["access_token"])["authorization_details"] == [PROJECT]
    assert logged("oauth.device.approved")[0]["details"]["authorization_details"] == [PROJECT]


@pytest.mark.parametrize(("asked", "status"), [([READING], 200), ([{**PROJECT, "actions": ["delete"]}], 400)])
def test_device_may_narrow_what_was_allowed(visitor: Journey, asked: list[dict[str, Any]], status: int) -> None:
    """RFC 9396 §6; who asks for more gets nothing, and may ask again for less."""
    codes = visitor.ask_as_device(authorization_details=written(PROJECT)).get_json()
    visitor.sign_in()
    visitor.decide_device(codes["user_code"])
    answer = visitor.poll(codes["device_code"], authorization_details=written(*asked))
    assert answer.status_code == status
    assert answer.get_json().get("authorization_details") == (asked if status == 200 else None)
    assert visitor.poll(codes["device_code"]).status_code == (400 if status == 200 else 200)


@pytest.mark.requirement("RFC 9396 §12", "SHOULD")
def test_device_page_says_what_is_asked(visitor: Journey) -> None:
    """In the same sentences as the consent page, with the same mark."""
    every = {"type": "harbor_project", "actions": ["delete"], "datatypes": ["files"]}
    code = visitor.ask_as_device(authorization_details=written(READING, every)).get_json()["user_code"]
    visitor.sign_in()
    text = visitor.http.get("/device", query_string={"user_code": code}).text
    assert "Read files of the project prj_01</li>" in text
    assert "Delete files of every project that you can open <span" in text


def test_device_page_escapes_what_is_asked(go: Journey, acme: Acme) -> None:
    """A vendor with other types may let anything into them, this page shows it as text."""
    code = go.ask_as_device(authorization_details=written(PROJECT)).get_json()["user_code"]
    hostile = {**PROJECT, "identifier": "<script>alert(1)</script>"}
    with acme(), transaction() as session:
        session.execute(update(DeviceCode).values(terms={"authorization_details": [hostile]}))
    go.sign_in()
    text = go.http.get("/device", query_string={"user_code": code}).text
    assert ("the project &lt;script&gt;" in text, "<script" in text) == (True, False)


@pytest.mark.parametrize(
    "value", ["nonsense", "[]", '[{"type": "other"}]', '[{"type": "harbor_project", "actions": 1}]']
)
def test_device_is_refused_malformed_details(visitor: Journey, value: str) -> None:
    """RFC 9396 §5: before anybody is bothered with a code."""
    answer = visitor.ask_as_device(authorization_details=value)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_authorization_details")


@pytest.mark.requirement("RFC 9396 §4", "MUST")
def test_client_may_ask_for_itself(visitor: Journey) -> None:
    """The client credentials grant has no authorization before it."""
    form = {"grant_type": "client_credentials", "authorization_details": written(READING)}
    answer = visitor.token(auth=CONNECTOR, **form).get_json()
    assert claims_of(answer["access_token"])["authorization_details"] == answer["authorization_details"] == [READING]


@pytest.mark.requirement("RFC 9396 §3", "MUST")
def test_details_may_be_pushed_and_signed(go: Journey, acme: Acme) -> None:
    """As a JSON array inside a request object, as text in a push; the consent page shows the same."""
    with acme(), transaction() as session:
        session.get_one(Client, (current_tenant_id(), "demo-web")).jwks = JWKS
    go.sign_in()
    form = {"request": sign(object_claims(authorization_details=[PROJECT]))}
    reference = go.http.post("/oauth/par", data=form, auth=WEB).get_json()["request_uri"]
    query = {"client_id": "demo-web", "request_uri": reference}
    page = go.follow(go.http.get("/oauth/authorize", query_string=query))
    assert sentence(PROJECT) in page.get_data(as_text=True)
    told = go.redeem(arrived(go.submit(page, decision="allow"))["code"]).get_json()
    assert told["authorization_details"] == [PROJECT]


@pytest.mark.requirement("RFC 9396 §12", "SHOULD")
def test_consent_says_what_is_asked(visitor: Journey) -> None:
    """In sentences; what makes changes is marked."""
    visitor.sign_in()
    every = {"type": "harbor_project", "actions": ["delete", "write"], "datatypes": ["files"]}
    text = visitor.follow(visitor.authorize(authorization_details=written(READING, every))).get_data(as_text=True)
    assert "Read files of the project prj_01</li>" in text
    assert "Change and delete files of every project that you can open <span" in text


def test_consent_to_details_is_asked_each_time(go: Journey) -> None:
    """The scope may have been allowed before, these have not."""
    go.sign_in()
    go.consent()
    assert "code" in arrived(go.authorize())
    assert go.authorize(authorization_details=written(PROJECT)).headers["Location"].startswith("/consent?")
    silent = go.authorize(authorization_details=written(PROJECT), prompt="none")
    assert arrived(silent)["error"] == "consent_required"


@pytest.mark.requirement("RFC 9396 §10", "MUST")
def test_client_is_held_to_its_registered_types(go: Journey, acme: Acme) -> None:
    """`authorization_details_types` of a client; without it every type may be asked."""
    with acme(), transaction() as session:
        session.get_one(Client, (current_tenant_id(), "demo-web")).options = {"authorization_details_types": []}
    told = arrived(go.authorize(authorization_details=written(PROJECT)))
    assert told["error"] == "invalid_authorization_details"


@pytest.mark.requirement("RFC 9396 §10", "MUST")
def test_types_are_promised(visitor: Journey) -> None:
    """`authorization_details_types_supported` of the metadata."""
    document = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    assert document["authorization_details_types_supported"] == ["harbor_project"]


def test_switched_off_they_are_one_of_the_unknown_parameters(database_url: str, identities: None) -> None:
    """RFC 6749 §3.1: ignored, and not promised."""
    settings = Settings(database_url=database_url, oauth_off=("authorization_details",))
    go = Journey(create_app(settings).test_client())
    assert "authorization_details" not in go.tokens(authorization_details="nonsense")
    document = go.http.get("/.well-known/oauth-authorization-server").get_json()
    assert "authorization_details_types_supported" not in document


def subset(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


DETAILS = st.fixed_dictionaries(
    {"type": st.just("harbor_project"), "actions": subset(["read", "write", "share"])},
    optional={"datatypes": subset(["files", "members"]), "identifier": st.sampled_from(["prj_1", "prj_2"])},
)


@given(one=DETAILS, two=DETAILS, three=DETAILS)
def test_covering_is_an_order(one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]) -> None:
    """RFC 9396 §6.1: everything covers itself, and what covers the cover covers the covered."""
    assert covers(one, one)
    assert not (covers(one, two) and covers(two, three)) or covers(one, three)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["read", "files", "prj_1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["actions", "datatypes", "locations", "identifier", "x"])


@settings(max_examples=80)
@given(fields=st.dictionaries(FIELDS, VALUES))
def test_no_details_are_our_fault(visitor: Journey, fields: dict[str, Any]) -> None:
    """Accepted or refused by its own error, whatever is inside."""
    answer = visitor.authorize(authorization_details=written({"type": "harbor_project", **fields}))
    told = arrived(answer) if answer.headers["Location"].startswith("http") else {}
    assert told.get("error") in {None, "invalid_authorization_details"}
