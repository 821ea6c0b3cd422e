"""Bulk (RFC 7644 §3.7): every operation whole or not at all, references in any order, limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.scim.directory import BULK_REQUEST, ENTERPRISE, GROUP, PATCH_OP, Directory, a_person, refusal

Logged = Callable[[], list[dict[str, Any]]]


def adding(name: str, bulk_id: str, /, **given: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": a_person(name, **given)}


def grouping(name: str, bulk_id: str, *members: str) -> dict[str, Any]:
    data = {"schemas": [GROUP], "displayName": name, "members": [{"value": member} for member in members]}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def changing(path: str, *operations: dict[str, Any], **members: Any) -> dict[str, Any]:
    data = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data, **members}


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["status"] for one in answer.get_json()["Operations"]]


@pytest.mark.storage
def test_operations_are_carried_out_and_answered_in_their_order(directory: Directory) -> None:
    """RFC 7644 §3.7.3."""
    old = directory.add_user("old")
    answer = directory.bulk(
        adding("ada", "a"),
        {"method": "PUT", "path": f"/Users/{old['id']}", "data": a_person("older")},
        changing(f"/Users/{old['id']}", {"op": "add", "path": "title", "value": "Elder"}),
        {"method": "DELETE", "path": f"/Users/{old['id']}"},
    )
    body = answer.get_json()
    assert statuses(answer) == ["201", "200", "200", "204"]
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]
    first = body["Operations"][0]
    made = directory.get(f"/Users/{first['location'].rsplit('/', 1)[1]}").get_json()
    assert (first["method"], first["bulkId"], first["version"]) == ("POST", "a", made["meta"]["version"])
    assert directory.found() == ["ada"]


def test_reference_is_resolved_wherever_its_target_stands(directory: Directory) -> None:
    """RFC 7644 §3.7.2: in data and in paths, forwards and backwards."""
    answer = directory.bulk(
        grouping("Engines", "g", "bulkId:a", "bulkId:b"),
        changing("/Groups/bulkId:g", {"op": "replace", "path": "displayName", "value": "Motors"}),
        adding("ada", "a", **{ENTERPRISE: {"manager": {"value": "bulkId:b"}}}),
        adding("bob", "b"),
    )
    assert statuses(answer) == ["201", "200", "201", "201"]
    (group,) = directory.get("/Groups").get_json()["Resources"]
    ada, bob = (
        directory.get("/Users", filter=f'userName eq "{name}"').get_json()["Resources"][0] for name in ("ada", "bob")
    )
    assert (group["displayName"], {one["value"] for one in group["members"]}) == ("Motors", {ada["id"], bob["id"]})
    assert ada[ENTERPRISE]["manager"]["value"] == bob["id"]


def test_operations_in_a_circle_get_409_and_the_rest_is_done(directory: Directory) -> None:
    """RFC 7644 §3.7.1."""
    answer = directory.bulk(
        adding("ada", "a", **{ENTERPRISE: {"manager": {"value": "bulkId:b"}}}),
        adding("bob", "b", **{ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
        adding("eve", "e"),
    )
    assert statuses(answer) == ["409", "409", "201"]
    assert directory.found() == ["eve"]


def test_reference_to_nothing_or_to_what_failed_is_refused(directory: Directory) -> None:
    answer = directory.bulk(
        grouping("Nobody", "n", "bulkId:nobody"),
        adding("not an address", "bad"),
        grouping("Failed", "f", "bulkId:bad"),
        changing("/Users/bulkId:bad", {"op": "add", "path": "title", "value": "x"}),
    )
    assert statuses(answer) == ["400"] * 4
    assert [one["response"]["scimType"] for one in answer.get_json()["Operations"]] == ["invalidValue"] * 4
    assert (directory.found(), directory.found("/Groups")) == ([], [])


@pytest.mark.storage
def test_operation_that_fails_leaves_nothing_and_others_stay(directory: Directory, logged: Logged) -> None:
    ada = directory.add_user("ada")
    before = len(logged())
    answer = directory.bulk(
        grouping("Engines", "g", ada["id"], "usr_nobody"),
        adding("bob", "b"),
        adding("ADA", "a"),
        changing(
            f"/Users/{ada['id']}", {"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "userName"}
        ),
        {"method": "DELETE", "path": "/Users/usr_nobody"},
    )
    assert statuses(answer) == ["400", "201", "409", "400", "404"]
    kinds = [one.get("response", {}).get("scimType") for one in answer.get_json()["Operations"]]
    assert kinds == ["invalidValue", None, "uniqueness", "mutability", None]
    assert (directory.found(), directory.found("/Groups")) == (["ada", "bob"], [])
    assert [event["action"] for event in logged()[before:]] == ["user.created"]


@pytest.mark.parametrize(
    ("limit", "answered"), [(1, ["400"]), (2, ["400", "201", "400"]), (9, ["400", "201", "400", "201"])]
)
def test_work_ends_when_enough_has_failed(directory: Directory, limit: int, answered: list[str]) -> None:
    """RFC 7644 §3.7.3: failOnErrors."""
    bad = {**adding("x", "x")["data"], "userName": 5}
    answer = directory.bulk(
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": bad},
        adding("ada", "2"),
        {"method": "POST", "path": "/Users", "bulkId": "3", "data": bad},
        adding("bob", "4"),
        failOnErrors=limit,
    )
    assert statuses(answer) == answered
    assert len(directory.found()) == answered.count("201")


def test_version_of_an_operation_must_be_the_present_one(directory: Directory) -> None:
    ada = directory.add_user("ada")
    path, title = f"/Users/{ada['id']}", {"op": "add", "path": "title", "value": "x"}
    answer = directory.bulk(
        changing(path, title, version=ada["meta"]["version"]),
        changing(path, {"op": "remove", "path": "title"}, version=ada["meta"]["version"]),
    )
    assert statuses(answer) == ["200", "412"]
    assert directory.get(path).get_json()["title"] == "x"


def test_limits_are_those_of_the_configuration(directory: Directory) -> None:
    """RFC 7644 §3.7.4: 413, and nothing is done."""
    promised = directory.get("/ServiceProviderConfig").get_json()["bulk"]
    many = [adding(f"person{number}", str(number)) for number in range(promised["maxOperations"] + 1)]
    assert refusal(directory.bulk(*many)) == (413, None)
    large = directory.send("POST", "/Bulk", b" " * (promised["maxPayloadSize"] + 1))
    assert refusal(large) == (413, None)
    assert directory.found() == []


DEEP: Any = "x"
for _ in range(40):
    DEEP = {"value": DEEP}


@pytest.mark.parametrize(
    "operation",
    [
        "POST",
        {},
        {"method": "POST", "path": "/Users", "data": a_person("x")},
        {"method": "GET", "path": "/Users/x"},
        {"method": "POST", "path": "/Bulk", "bulkId": "x", "data": {}},
        {"method": "POST", "path": "/Users/usr_x", "bulkId": "x", "data": {}},
        {"method": "PUT", "path": "/Users", "data": a_person("x")},
        {"method": "PATCH", "path": "/Users/x?attributes=id", "data": {}},
        {"method": "PATCH", "path": "http://localhost/scim/v2/Users/x", "data": {}},
        {"method": "PATCH", "path": 5, "data": {}},
        {"method": "PATCH", "path": "/Users/x", "data": []},
        {"method": "PATCH", "path": "/Users/x"},
        {"method": "DELETE", "path": "/Me"},
        {**adding("x", "x"), "surprise": 1},
        {**adding("x", "x"), "data": DEEP},
    ],
)
def test_malformed_operation_refuses_the_whole_request(directory: Directory, operation: Any) -> None:
    assert refusal(directory.bulk(adding("ada", "a"), operation)) == (400, "invalidSyntax")
    assert directory.found() == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"Operations": [adding("x", "x")]}, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST]}, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST], "Operations": []}, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST], "Operations": [adding("x", "x"), adding("y", "x")]}, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST], "Operations": [adding("x", "x")], "failOnErrors": 0}, "invalidValue"),
        ({"schemas": [BULK_REQUEST], "Operations": [adding("x", "x")], "failOnErrors": True}, "invalidValue"),
        ({"schemas": [BULK_REQUEST], "Operations": [adding("x", "x")], "failOnErrors": "1"}, "invalidValue"),
    ],
)
def test_malformed_request_is_refused(directory: Directory, body: dict[str, Any], kind: str) -> None:
    assert refusal(directory.send("POST", "/Bulk", body)) == (400, kind)
    assert directory.found() == []


def test_request_sent_again_under_its_key_does_nothing_twice(directory: Directory) -> None:
    body = {"schemas": [BULK_REQUEST], "Operations": [adding("ada", "a")]}
    answers = [directory.send("POST", "/Bulk", body, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert directory.found() == ["ada"]
