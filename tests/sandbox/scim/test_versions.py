"""Versions: every change of a resource is another one, and a client may insist on that which it read (RFC 7644 §3.14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.scim.directory import Directory, a_person, refusal


@pytest.fixture
def ada(directory: Directory) -> dict[str, Any]:
    return directory.add_user("ada")


def test_version_is_that_of_the_header(directory: Directory, ada: dict[str, Any]) -> None:
    answer = directory.get(f"/Users/{ada['id']}")
    assert answer.headers["ETag"] == answer.get_json()["meta"]["version"] == ada["meta"]["version"]
    assert answer.headers["ETag"].startswith('W/"')


def test_reader_who_has_the_version_gets_304(directory: Directory, ada: dict[str, Any]) -> None:
    path, version = f"/Users/{ada['id']}", ada["meta"]["version"]
    known = directory.send("GET", path, If_None_Match=f'"other", {version}')
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", version)
    directory.patch(path, {"op": "add", "path": "title", "value": "Engineer"})
    assert directory.send("GET", path, If_None_Match=version).status_code == 200


def test_change_of_a_group_is_another_version_of_its_members(directory: Directory, ada: dict[str, Any]) -> None:
    directory.add_group("Engines", ada["id"])
    assert directory.get(f"/Users/{ada['id']}").headers["ETag"] != ada["meta"]["version"]


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_change_of_another_version_is_refused_and_changes_nothing(directory: Directory, method: str, kind: str) -> None:
    made = directory.add_user("ada") if kind == "Users" else directory.add_group("Engines")
    path = f"/{kind}/{made['id']}"
    directory.patch(path, {"op": "add", "path": "externalId", "value": "second"})
    renamed = {"op": "replace", "path": "displayName", "value": "Other"}
    bodies: dict[str, Any] = {
        "PATCH": {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [renamed]},
        "PUT": {**a_person("other")} if kind == "Users" else {"schemas": made["schemas"], "displayName": "Other"},
        "DELETE": None,
    }
    stale = directory.send(method, path, bodies[method], If_Match=made["meta"]["version"])
    present = directory.get(path)
    assert refusal(stale) == (412, None)
    assert present.get_json()["externalId"] == "second"
    fresh = directory.send(method, path, bodies[method], If_Match=present.headers["ETag"])
    assert fresh.status_code in {200, 204}


def test_any_version_will_do_for_a_star(directory: Directory, ada: dict[str, Any]) -> None:
    changed = directory.patch(f"/Users/{ada['id']}", {"op": "add", "path": "title", "value": "x"}, If_Match="*")
    assert changed.status_code == 200
