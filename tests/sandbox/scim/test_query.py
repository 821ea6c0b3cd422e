"""Queries: filters that the database narrows, order, pages by index and by cursor, what is shown, and searches by POST."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.foundation import tenancy
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import Tenant
from sandbox.scim.match import matcher, read_filter
from sandbox.scim.schemas import USER
from tests import builders
from tests.sandbox.scim.directory import ENTERPRISE, SEARCH_REQUEST, Directory, a_person, refusal

Acme = Callable[[], AbstractContextManager[Any]]
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@pytest.fixture
def people(directory: Directory) -> dict[str, Any]:
    """Five people and two groups; gives resources by user name."""
    made = {
        "ada": directory.add_user("ada", title="Engineer", externalId="e-1", name={"familyName": "Lovelace"}),
        "BOB": directory.add_user("BOB", title="engineer", active=False),
        "cyd": directory.add_user("cyd", name={"familyName": "adams"}, **{ENTERPRISE: {"costCenter": "7"}}),
        "dan": directory.add_user(
            "dan", emails=[{"value": "x@home.example"}, {"value": "dan@acme.example", "primary": True}]
        ),
        "eve": directory.add_user(
            "eve", phoneNumbers=[{"value": "+1", "type": "work"}, {"value": "+2", "type": "home"}]
        ),
    }
    directory.add_group("Engines", made["ada"]["id"])
    directory.add_group("motors")
    return made


FILTERS = {
    'userName eq "ADA"': ["ada"],
    'userName eq "bob" or userName eq "nobody"': ["BOB"],
    'userName eq "ada" and active eq true': ["ada"],
    'userName eq "ada" and active eq false': [],
    'not (userName eq "ada")': ["BOB", "cyd", "dan", "eve"],
    'userName eq "ada" or title pr': ["ada", "BOB"],
    'title eq "ENGINEER" and not (active eq true)': ["BOB"],
    'externalId eq "e-1"': ["ada"],
    'externalId eq "E-1"': [],
    'emails.value eq "X@home.example"': ["dan"],
    'emails eq "dan@acme.example"': ["dan"],
    'emails[type eq "work" and value sw "eve"]': ["eve"],
    'emails[type eq "work"].value eq "ada@acme.example"': ["ada"],
    'phoneNumbers[type eq "home" and value eq "+1"]': [],
    'phoneNumbers[type eq "home" and value eq "+2"]': ["eve"],
    f'{ENTERPRISE}:costCenter eq "7"': ["cyd"],
    'name.familyName gt "b"': ["ada"],
    'groups.display eq "engines"': ["ada"],
    'roles.value eq "member" and groups pr': ["ada"],
    'meta.lastModified ge "2026-09-01T00:00:00Z"': ["ada", "BOB", "cyd", "dan", "eve"],
    'meta.created lt "2026-09-01T00:00:00Z"': [],
    'meta.resourceType eq "User" and userName eq "eve"': ["eve"],
}


@pytest.mark.parametrize("text", FILTERS)
def test_filter_finds_whom_it_describes(directory: Directory, people: dict[str, Any], text: str) -> None:
    assert directory.found(filter=text) == FILTERS[text]


@pytest.mark.storage
def test_database_narrows_and_never_decides(directory: Directory, people: dict[str, Any]) -> None:
    """Whatever the database is asked, what comes out is what matching every resource gives."""
    everybody = directory.get("/Users").get_json()["Resources"]
    ids = [f'id eq "{people["cyd"]["id"]}"', f'id eq "{people["cyd"]["id"]}" and not (title pr)']
    moment = people["cyd"]["meta"]["lastModified"]
    moments = [f'meta.lastModified {op} "{moment}"' for op in ("gt", "ge", "lt", "le", "eq", "ne")]
    for text in [*FILTERS, *ids, *moments]:
        matches = matcher(read_filter(text), USER)
        assert directory.found(filter=text) == [one["userName"] for one in everybody if matches(one)], text


def test_usual_look_up_reads_the_rows_that_it_finds_only(
    directory: Directory, people: dict[str, Any], statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """A directory looks everybody up by name before it provisions them: an indexed condition answers that."""
    with statements() as seen:
        assert directory.found(filter='userName eq "ada"') == ["ada"]
    (rows,) = [sql for sql in seen if "FROM users" in sql and "ORDER BY users.id" in sql]
    assert "users.user_name =" in rows


def test_look_up_by_address_leaves_out_whom_nothing_says_more_of(
    directory: Directory, acme: Acme, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """The look-up of Microsoft Entra, which puts the type of the address in brackets."""
    with acme():
        builders.a_user(email="ada@acme.example")
        builders.a_user()
    with statements() as seen:
        assert directory.found(filter='emails[type eq "work"].value eq "ADA@acme.example"') == ["ada@acme.example"]
    assert [sql for sql in seen if "users.email =" in sql]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"sortBy": "userName"}, ["ada", "BOB", "cyd", "dan", "eve"]),
        ({"sortBy": "userName", "sortOrder": "descending"}, ["eve", "dan", "cyd", "BOB", "ada"]),
        ({"sortBy": "name.familyName"}, ["cyd", "ada", "BOB", "dan", "eve"]),
        ({"sortBy": "name.familyName", "sortOrder": "Descending"}, ["BOB", "dan", "eve", "ada", "cyd"]),
        ({"sortBy": "emails"}, ["ada", "BOB", "cyd", "dan", "eve"]),
        ({"sortBy": "active"}, ["BOB", "ada", "cyd", "dan", "eve"]),
        ({"sortBy": "meta.created", "sortOrder": "descending", "filter": "title pr"}, ["BOB", "ada"]),
        ({"sortBy": f"{ENTERPRISE}:costCenter"}, ["cyd", "ada", "BOB", "dan", "eve"]),
        ({"sortOrder": "descending"}, ["ada", "BOB", "cyd", "dan", "eve"]),
    ],
)
def test_list_is_sorted(directory: Directory, people: dict[str, Any], query: dict[str, str], names: list[str]) -> None:
    """RFC 7644 §3.4.2.3: without regard to case, by the primary value; without a value last, first when descending."""
    assert directory.found(**query) == names


@pytest.mark.parametrize("more", [{}, {"filter": "userName pr"}, {"sortBy": "userName"}])
@pytest.mark.parametrize(
    ("query", "start", "names"),
    [
        ({}, 1, ["ada", "BOB", "cyd", "dan", "eve"]),
        ({"count": "2"}, 1, ["ada", "BOB"]),
        ({"startIndex": "2", "count": "2"}, 2, ["BOB", "cyd"]),
        ({"startIndex": "5", "count": "10"}, 5, ["eve"]),
        ({"startIndex": "6"}, 6, []),
        ({"startIndex": "0"}, 1, ["ada", "BOB", "cyd", "dan", "eve"]),
        ({"startIndex": "-3", "count": "1"}, 1, ["ada"]),
        ({"count": "0"}, 1, []),
        ({"count": "-1"}, 1, []),
        ({"count": "99999"}, 1, ["ada", "BOB", "cyd", "dan", "eve"]),
        ({"startIndex": "999999999999999999"}, 999999999999999999, []),
    ],
)
def test_page_by_index(
    directory: Directory,
    people: dict[str, Any],
    more: dict[str, str],
    query: dict[str, str],
    start: int,
    names: list[str],
) -> None:
    """RFC 7644 §3.4.2.4, table 6."""
    page = directory.get("/Users", **query, **more).get_json()
    assert [one["userName"] for one in page["Resources"]] == names
    assert (page["schemas"], page["totalResults"], page["startIndex"]) == ([LIST_RESPONSE], 5, start)
    assert page["itemsPerPage"] == len(names)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"filter": "userName pr"},
        {"sortBy": "title"},
        {"sortBy": "title", "sortOrder": "descending", "filter": "id pr"},
    ],
)
@pytest.mark.storage
def test_pages_by_cursor_are_the_whole_list(
    directory: Directory, people: dict[str, Any], query: dict[str, str]
) -> None:
    """RFC 9865 §2: an empty cursor begins, the last page has none, and nothing comes twice."""
    names, cursor = [], ""
    for _ in range(3):
        page = directory.get("/Users", cursor=cursor, count="2", **query).get_json()
        names += [one["userName"] for one in page["Resources"]]
        assert page["totalResults"] == 5
        assert "startIndex" not in page
        cursor = page.get("nextCursor")
        if cursor is None:
            break
    assert names == directory.found(**query)
    assert cursor is None


@pytest.mark.parametrize("query", [{}, {"sortBy": "userName"}])
def test_cursor_stays_good_while_others_come_and_go(
    directory: Directory, people: dict[str, Any], query: dict[str, str]
) -> None:
    first = directory.get("/Users", cursor="", count="2", **query).get_json()
    for name in ("ada", "BOB"):
        directory.send("DELETE", f"/Users/{people[name]['id']}")
    directory.add_user("zoe")
    rest = directory.get("/Users", cursor=first["nextCursor"], **query).get_json()
    assert [one["userName"] for one in rest["Resources"]] == ["cyd", "dan", "eve", "zoe"]


def test_cursor_goes_with_its_query_its_address_and_its_tenant(
    app: Flask, client: FlaskClient, directory: Directory, people: dict[str, Any], token: Callable[..., dict[str, str]]
) -> None:
    """RFC 9865 §2.1: invalidCursor, and expiredCursor after a reset."""
    cursor = directory.get("/Users", cursor="", count="1").get_json()["nextCursor"]
    other = Directory(client, token("scim", tenant="other"), prefix="/t/other")
    answers = [
        directory.get("/Users", cursor=cursor, filter="title pr"),
        directory.get("/Users", cursor=cursor, sortBy="title"),
        directory.get("/Groups", cursor=cursor),
        directory.get("/Users", cursor=cursor[:-2]),
        directory.get("/Users", cursor="nonsense"),
        other.get("/Users", cursor=cursor),
    ]
    assert [refusal(answer) for answer in answers] == [(400, "invalidCursor")] * 6
    with app.app_context(), tenancy.enter("acme"), transaction() as session:
        session.get_one(Tenant, "acme").epoch += 1
    assert refusal(directory.get("/Users", cursor=cursor)) == (400, "expiredCursor")


def shown(answer: Any) -> dict[str, Any]:
    document: dict[str, Any] = answer.get_json()
    return {name: value for name, value in document.items() if name not in {"schemas", "id"}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"attributes": "userName"}, {"userName": "ada"}),
        ({"attributes": "USERNAME, title"}, {"userName": "ada", "title": "Engineer"}),
        ({"attributes": "emails.value"}, {"emails": [{"value": "ada@acme.example"}]}),
        ({"attributes": "name.familyName,name"}, {"name": {"familyName": "Lovelace"}}),
        ({"attributes": "id"}, {}),
        ({"attributes": "nickName"}, {}),
        ({"attributes": "meta.resourceType"}, {"meta": {"resourceType": "User"}}),
        ({"attributes": f"{ENTERPRISE}:department"}, {ENTERPRISE: {"department": "Analysis"}}),
        ({"attributes": ENTERPRISE}, {ENTERPRISE: {"department": "Analysis"}}),
    ],
)
def test_only_what_is_wanted_is_shown(directory: Directory, query: dict[str, str], expected: dict[str, Any]) -> None:
    """RFC 7644 §3.9: besides id and schemas, which are always returned."""
    person = a_person(
        "ada", title="Engineer", name={"familyName": "Lovelace"}, **{ENTERPRISE: {"department": "Analysis"}}
    )
    person["schemas"] = [*person["schemas"], ENTERPRISE]
    made = directory.send("POST", "/Users", person).get_json()
    assert shown(directory.get(f"/Users/{made['id']}", **query)) == expected
    (listed,) = directory.get("/Users", **query).get_json()["Resources"]
    assert {name: value for name, value in listed.items() if name not in {"schemas", "id"}} == expected


def test_names_of_whole_schemas_and_of_other_kinds_may_be_wanted(directory: Directory, people: dict[str, Any]) -> None:
    """RFC 7644 §3.9 and §3.10: in a query over everything a name has to fit one of the kinds."""
    path = f"/Users/{people['ada']['id']}"
    core = "urn:ietf:params:scim:schemas:core:2.0:User"
    assert {"userName", "emails"} <= set(shown(directory.get(path, attributes=core)))
    found = directory.get("/", attributes="members,userName").get_json()["Resources"]
    assert {name for one in found for name in one} == {"schemas", "id", "members", "userName"}


def test_what_is_not_wanted_is_left_out(directory: Directory, people: dict[str, Any]) -> None:
    """RFC 7644 §3.9: id is always returned, whatever is excluded."""
    path = f"/Users/{people['ada']['id']}"
    left = directory.get(path, excludedAttributes="id,emails,meta,name.familyName,groups,roles").get_json()
    assert set(left) == {"schemas", "id", "externalId", "userName", "title", "displayName", "active"} - {"displayName"}
    (group, _) = directory.get("/Groups", excludedAttributes="members").get_json()["Resources"]
    assert "members" not in group


def test_answers_to_writes_show_what_is_wanted_too(directory: Directory, people: dict[str, Any]) -> None:
    path = f"/Users/{people['ada']['id']}"
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": "title"}],
    }
    assert shown(directory.send("PATCH", f"{path}?attributes=userName", body)) == {"userName": "ada"}
    assert shown(directory.send("PUT", f"{path}?attributes=userName", a_person("ada"))) == {"userName": "ada"}


def test_search_by_post_is_a_query(directory: Directory, people: dict[str, Any]) -> None:
    """RFC 7644 §3.4.3."""
    body = {
        "schemas": [SEARCH_REQUEST],
        "filter": "title pr",
        "sortBy": "userName",
        "sortOrder": "descending",
        "attributes": ["userName"],
        "startIndex": 1,
        "count": 1,
    }
    page = directory.send("POST", "/Users/.search", body).get_json()
    assert (page["totalResults"], [one["userName"] for one in page["Resources"]]) == (2, ["BOB"])
    by_cursor = {"schemas": [SEARCH_REQUEST], "cursor": "", "count": 4}
    page = directory.send("POST", "/Users/.search", by_cursor).get_json()
    rest = directory.send("POST", "/Users/.search", {**by_cursor, "cursor": page["nextCursor"]}).get_json()
    assert [one["userName"] for one in rest["Resources"]] == ["eve"]


@pytest.mark.parametrize("how", ["get", "post"])
def test_root_searches_people_and_groups(directory: Directory, people: dict[str, Any], how: str) -> None:
    """RFC 7644 §3.4.2.1: an attribute that a kind does not have matches nothing of that kind."""

    def ask(**query: Any) -> list[str]:
        if how == "get":
            page = directory.get("/", **query)
        else:
            page = directory.send("POST", "/.search", {"schemas": [SEARCH_REQUEST], **query})
        resources = page.get_json()["Resources"]
        return sorted(one.get("userName") or one["displayName"] for one in resources)

    assert ask(filter='displayName eq "engines" or userName eq "eve"') == ["Engines", "eve"]
    assert ask(filter='meta.resourceType eq "Group"') == ["Engines", "motors"]
    assert len(ask()) == 7


def test_pages_of_a_search_over_everything_are_the_whole(directory: Directory, people: dict[str, Any]) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = directory.get("/", cursor=cursor, count="3").get_json()
        seen += [one["id"] for one in page["Resources"]]
        cursor = page.get("nextCursor")
    assert len(seen) == len(set(seen)) == 7


def test_list_costs_the_same_number_of_statements_whatever_its_length(
    directory: Directory, acme: Acme, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for _ in range(2):
        with acme():
            group = builders.a_group()
            for _ in range(5):
                builders.a_membership(group.id, builders.a_user().id)
        for path in ("/Users", "/Groups"):
            directory.get(path)
        with statements() as seen:
            directory.get("/Users")
            directory.get("/Groups")
        counts.append(len(seen))
    assert counts[0] == counts[1]
