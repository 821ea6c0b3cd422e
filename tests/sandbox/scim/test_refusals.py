"""Bad input: a SCIM error that says what is wrong, never a 500, and nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.access.scopes import API
from tests import builders
from tests.occupied import locked
from tests.sandbox.scim.directory import (
    BULK_REQUEST,
    ENTERPRISE,
    GROUP,
    PATCH_OP,
    SEARCH_REQUEST,
    USER,
    Directory,
    a_person,
    refusal,
)

Token = Callable[..., dict[str, str]]
Logged = Callable[[], list[dict[str, Any]]]

EVERYWHERE = [
    ("GET", "/"),
    ("POST", "/.search"),
    ("GET", "/Users"),
    ("POST", "/Users"),
    ("POST", "/Users/.search"),
    ("GET", "/Users/usr_x"),
    ("PUT", "/Users/usr_x"),
    ("PATCH", "/Users/usr_x"),
    ("DELETE", "/Users/usr_x"),
    ("GET", "/Groups"),
    ("DELETE", "/Groups/grp_x"),
    ("GET", "/Me"),
    ("POST", "/Bulk"),
    ("GET", "/ServiceProviderConfig"),
    ("GET", "/ResourceTypes"),
    ("GET", "/Schemas"),
    ("GET", f"/Schemas/{USER}"),
]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
@pytest.mark.control("IAM-SaaS-09", call="/scim/v2")
def test_every_address_wants_a_token_with_the_scope(
    client: FlaskClient, token: Token, logged: Logged, method: str, path: str
) -> None:
    """RFC 7644 §2, RFC 6750 §3.1: with the challenge, in SCIM form, and a denied one is in the log."""
    every_other = token(" ".join(scope for scope in API if scope != "scim"))
    answers = [Directory(client, {}).send(method, path, {}), Directory(client, every_other).send(method, path, {})]
    assert [refusal(answer) for answer in answers] == [(401, None), (403, None)]
    assert 'error="insufficient_scope", scope="scim"' in answers[1].headers["WWW-Authenticate"]
    assert logged()[-1]["action"] == "access.denied"


def test_person_needs_a_role_that_allows_it(client: FlaskClient, token: Token, acme: Callable[[], Any]) -> None:
    """The scope was granted, but what a person may do depends on the roles of this moment."""
    with acme():
        member = builders.a_user().id
    assert refusal(Directory(client, token("scim", user_id=member)).get("/Users")) == (403, None)


def test_unknown_tenant_and_unknown_host_are_scim_errors(client: FlaskClient, token: Token) -> None:
    assert refusal(Directory(client, token("scim"), prefix="/t/nobody").get("/Users")) == (404, None)
    assert refusal(client.get("/scim/v2/Users", base_url="http://elsewhere.example")) == (421, None)


def test_limit_and_request_id_are_those_of_every_api(app: Flask, directory: Directory, logged: Logged) -> None:
    answer = directory.get("/Users")
    assert {"X-Request-Id", "X-Harbor-Time", "RateLimit-Limit", "RateLimit-Remaining"} <= set(answer.headers.keys())
    created = directory.send("POST", "/Users", a_person("ada"))
    assert logged()[-1]["request_id"] == created.headers["X-Request-Id"]


def test_request_beyond_the_limit_is_told_when_to_come_back(
    app: Flask, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions["rate_limit"].rules, "api", "1/hour")
    directory.get("/Users")
    answer = directory.get("/Users")
    assert refusal(answer) == (429, None)
    assert int(answer.headers["Retry-After"]) > 0


def test_request_sent_again_under_its_key_makes_nothing_twice(directory: Directory) -> None:
    answers = [directory.send("POST", "/Users", a_person("ada"), Idempotency_Key="k") for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert answers[1].headers["Location"] == answers[0].headers["Location"]
    assert answers[1].headers["ETag"] == answers[0].headers["ETag"]
    other = directory.send("POST", "/Users", a_person("bob"), Idempotency_Key="k")
    assert (refusal(other), directory.found()) == ((422, None), ["ada"])


PERSON = a_person("new")
BODIES: list[tuple[Any, str]] = [
    (b"", "invalidSyntax"),
    (b"{", "invalidSyntax"),
    (b"[]", "invalidSyntax"),
    (b'"text"', "invalidSyntax"),
    (b'{"a":"\xff"}', "invalidSyntax"),
    (b'{"userName":"\\ud800"}', "invalidSyntax"),
    (b'{"schemas":' + b"[" * 2000 + b"]" * 2000 + b"}", "invalidSyntax"),
    ({}, "invalidSyntax"),
    ({**PERSON, "schemas": []}, "invalidSyntax"),
    ({**PERSON, "schemas": USER}, "invalidSyntax"),
    ({**PERSON, "schemas": [5]}, "invalidSyntax"),
    ({**PERSON, "schemas": [GROUP]}, "invalidSyntax"),
    ({**PERSON, "schemas": [USER, "urn:nothing"]}, "invalidSyntax"),
    ({**PERSON, "schemas": [ENTERPRISE]}, "invalidSyntax"),
    ({**PERSON, "shoeSize": 42}, "invalidSyntax"),
    ({**PERSON, "password": "secret"}, "invalidSyntax"),
    ({**PERSON, "USERNAME": "twice"}, "invalidSyntax"),
    ({**PERSON, "urn:nothing": {}}, "invalidSyntax"),
    ({**PERSON, ENTERPRISE: {"shoeSize": 42}}, "invalidSyntax"),
    ({**PERSON, "name": {"nothing": "x"}}, "invalidSyntax"),
    ({"schemas": [USER], "emails": PERSON["emails"]}, "invalidValue"),
    ({**PERSON, "userName": ""}, "invalidValue"),
    ({**PERSON, "userName": "  "}, "invalidValue"),
    ({**PERSON, "userName": None}, "invalidValue"),
    ({**PERSON, "userName": 5}, "invalidValue"),
    ({**PERSON, "userName": ["x"]}, "invalidValue"),
    ({**PERSON, "userName": "x" * 321}, "invalidValue"),
    ({**PERSON, "userName": "a\x00b"}, "invalidValue"),
    ({**PERSON, "externalId": "x" * 256}, "invalidValue"),
    ({**PERSON, "displayName": {"x": 1}}, "invalidValue"),
    ({**PERSON, "active": "perhaps"}, "invalidValue"),
    ({**PERSON, "active": 1}, "invalidValue"),
    ({**PERSON, "name": "Ada"}, "invalidValue"),
    ({**PERSON, "name": {"familyName": "x" * 101}}, "invalidValue"),
    ({**PERSON, "name": {"familyName": {"x": {}}}}, "invalidValue"),
    ({**PERSON, "timezone": "Europe Berlin"}, "invalidValue"),
    ({**PERSON, "emails": []}, "invalidValue"),
    ({**PERSON, "emails": "a@b.example"}, "invalidValue"),
    ({**PERSON, "emails": {"value": "a@b.example"}}, "invalidValue"),
    ({**PERSON, "emails": ["a@b.example"]}, "invalidValue"),
    ({**PERSON, "emails": [{"value": "nobody"}]}, "invalidValue"),
    ({**PERSON, "emails": [{"type": "work"}]}, "invalidValue"),
    ({**PERSON, "emails": [{"value": f"{n}@b.example", "primary": True} for n in range(2)]}, "invalidValue"),
    ({**PERSON, "phoneNumbers": [{"value": str(n)} for n in range(101)]}, "invalidValue"),
    ({**PERSON, "x509Certificates": [{"value": "not base64!"}]}, "invalidValue"),
    ({**PERSON, ENTERPRISE: "x"}, "invalidValue"),
    ({**PERSON, ENTERPRISE: {"manager": {"value": "usr_nobody"}}}, "invalidValue"),
]


@pytest.mark.parametrize(("body", "kind"), BODIES)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_body_that_is_no_person_is_refused_and_changes_nothing(
    directory: Directory, logged: Logged, method: str, body: Any, kind: str
) -> None:
    """RFC 7644 §3.12, table 9."""
    present = directory.add_user("ada")
    before = len(logged())
    path = "/Users" if method == "POST" else f"/Users/{present['id']}"
    assert refusal(directory.send(method, path, body)) == (400, kind)
    assert directory.get("/Users").get_json()["Resources"] == [present]
    assert len(logged()) == before


@pytest.mark.parametrize(
    ("method", "path", "query", "refused"),
    [
        ("GET", "/Users", {"filter": ""}, (400, "invalidFilter")),
        ("GET", "/Users", {"filter": "userName"}, (400, "invalidFilter")),
        ("GET", "/Users", {"filter": 'shoeSize eq "42"'}, (400, "invalidFilter")),
        ("GET", "/Users", {"filter": "active gt true"}, (400, "invalidFilter")),
        ("GET", "/Users", {"filter": 'userName eq "a\x00"'}, (400, "invalidValue")),
        ("GET", "/Groups", {"filter": 'userName eq "ada"'}, (400, "invalidFilter")),
        ("GET", "/", {"filter": "nonsense"}, (400, "invalidFilter")),
        ("GET", "/Users", {"sortBy": "shoeSize"}, (400, "invalidValue")),
        ("GET", "/Users", {"sortBy": "name"}, (400, "invalidValue")),
        ("GET", "/Users", {"sortBy": "a b"}, (400, "invalidValue")),
        ("GET", "/Users", {"sortBy": "userName", "sortOrder": "up"}, (400, "invalidValue")),
        ("GET", "/Users", {"count": "many"}, (400, "invalidValue")),
        ("GET", "/Users", {"count": "1.5"}, (400, "invalidValue")),
        ("GET", "/Users", {"count": "١"}, (400, "invalidValue")),
        ("GET", "/Users", {"count": "9" * 5000}, (400, "invalidValue")),
        ("GET", "/Users", {"startIndex": "first"}, (400, "invalidValue")),
        ("GET", "/Users", {"startIndex": "1", "cursor": ""}, (400, "invalidValue")),
        ("GET", "/Users", {"cursor": "", "count": "0"}, (400, "invalidCount")),
        ("GET", "/Users", {"cursor": "", "count": "-1"}, (400, "invalidCount")),
        ("GET", "/Users", {"cursor": "", "count": "x"}, (400, "invalidCount")),
        ("GET", "/Users", {"attributes": "shoeSize"}, (400, "invalidValue")),
        ("GET", "/Users", {"attributes": 'emails[type eq "work"]'}, (400, "invalidValue")),
        ("GET", "/Users", {"excludedAttributes": "name.nothing"}, (400, "invalidValue")),
        ("GET", "/Users", {"attributes": "userName", "excludedAttributes": "title"}, (400, "invalidValue")),
        ("GET", "/Users", {"attributes": ",".join(["title"] * 300)}, (400, "invalidValue")),
        ("GET", "/Users", {"limit": "5"}, (400, "invalidValue")),
        ("GET", "/Users", {"count": ["1", "2"]}, (400, "invalidValue")),
        ("GET", "/Users/usr_x", {"filter": "title pr"}, (400, "invalidValue")),
        ("GET", "/Users/usr_x", {}, (404, None)),
        ("GET", "/Users/%00", {}, (404, None)),
        ("DELETE", "/Users/usr_x", {"attributes": "id"}, (400, "invalidValue")),
        ("POST", "/Users/usr_x", {}, (405, None)),
        ("PATCH", "/Users", {}, (405, None)),
        ("GET", "/Bulk", {}, (405, None)),
        ("GET", "/Users/.search", {}, (405, None)),
    ],
)
def test_address_that_makes_no_sense_is_refused(
    directory: Directory, method: str, path: str, query: dict[str, Any], refused: tuple[int, str | None]
) -> None:
    answer = directory.client.open(
        f"/scim/v2{path}", method=method, headers=directory.headers, query_string=query or None
    )
    assert refusal(answer) == refused


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"filter": 5}, "invalidValue"),
        ({"attributes": [5]}, "invalidValue"),
        ({"attributes": 5}, "invalidValue"),
        ({"count": 1.5}, "invalidValue"),
        ({"count": True}, "invalidValue"),
        ({"startIndex": []}, "invalidValue"),
        ({"cursor": 5}, "invalidValue"),
        ({"surprise": 1}, "invalidSyntax"),
        ({"schemas": [USER]}, "invalidSyntax"),
    ],
)
def test_search_that_makes_no_sense_is_refused(directory: Directory, members: dict[str, Any], kind: str) -> None:
    body = {"schemas": [SEARCH_REQUEST], **members}
    assert refusal(directory.send("POST", "/Users/.search", body)) == (400, kind)


@pytest.mark.parametrize(("kind", "status"), [("application/json", 201), ("text/plain", 415), ("", 415)])
def test_media_type_is_that_of_scim_or_json(directory: Directory, kind: str, status: int) -> None:
    """RFC 7644 §3.1 and §8.1."""
    data = orjson.dumps(a_person("ada"))
    answer = directory.client.post("/scim/v2/Users", headers=directory.headers, data=data, content_type=kind)
    assert (answer.status_code, answer.content_type) == (status, "application/scim+json")


def test_body_beyond_the_limit_is_refused(directory: Directory) -> None:
    assert refusal(directory.send("POST", "/Users", b" " * 1_048_577)) == (413, None)


def test_database_that_does_not_answer_is_503_and_nothing_is_half_written(
    directory: Directory, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The title is changed before the suspension fails; in bulk, other operations are not touched by it."""
    path = f"/Users/{directory.add_user('ada')['id']}"
    before = (directory.get(path).get_json(), len(logged()))
    changes = [{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "active", "value": False}]

    def busy(*_: object, **__: object) -> None:
        raise locked()

    monkeypatch.setattr("sandbox.scim.users.suspend_user", busy)
    answer = directory.patch(path, *changes)
    assert (refusal(answer), answer.headers["Retry-After"]) == ((503, None), "1")
    assert (directory.get(path).get_json(), len(logged())) == before
    both = directory.bulk(
        {"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": changes}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": a_person("bob")},
    )
    assert [one["status"] for one in both.get_json()["Operations"]] == ["503", "201"]
    assert (directory.get(path).get_json(), directory.found()) == (before[0], ["ada", "bob"])


def test_bug_tells_nothing_but_the_request_id(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sandbox.scim.users.suspend_user", lambda *_: 1 / 0)
    made = directory.add_user("ada")
    answer = directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    assert refusal(answer) == (500, None)
    assert answer.headers["X-Request-Id"] in answer.get_json()["detail"]
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in answer.text


words = st.sampled_from(
    [USER, PATCH_OP, BULK_REQUEST, "add", "remove", "/Users", "bulkId:x", 'emails[type eq "a"]', "members", ""]
)
names = st.sampled_from(
    "schemas userName emails name value active Operations op path method bulkId data".split()  # noqa: SIM905
)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | words | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove"])},
    optional={"path": words | names | st.text(max_size=6), "value": json},
)
filters = st.text(alphabet='ab.[]() "eqnotpr:$0', max_size=30) | st.text(max_size=12)
quick = settings(max_examples=100)


@quick
@given(address=st.sampled_from(EVERYWHERE), body=st.dictionaries(names, json))
def test_no_body_makes_the_server_fail(directory: Directory, address: tuple[str, str], body: dict[str, Any]) -> None:
    for schema in (PATCH_OP, BULK_REQUEST, USER, GROUP):
        answer = directory.send(*address, {**body, "schemas": [schema]})
        assert answer.status_code < 500
    assert directory.send(*address, body).status_code < 500


@pytest.fixture
def provisioned(directory: Directory) -> list[str]:
    return [f"/Users/{directory.add_user('ada')['id']}", f"/Groups/{directory.add_group('Engines')['id']}"]


@quick
@given(listed=st.lists(operations, max_size=3))
def test_no_operation_makes_the_server_fail(directory: Directory, provisioned: list[str], listed: list[Any]) -> None:
    for path in provisioned:
        assert directory.patch(path, *listed).status_code < 500


@quick
@given(text=filters, sort_by=st.none() | st.text(max_size=8))
def test_no_query_makes_the_server_fail(directory: Directory, text: str, sort_by: str | None) -> None:
    query = {"filter": text, **({"sortBy": sort_by} if sort_by is not None else {})}
    assert directory.get("/Users", **query).status_code in {200, 400}
