"""Many at once on one resource: no change is lost, one of many gets a name, and nobody waits for each other for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.sandbox.scim.directory import Directory, a_person

AT_ONCE = 6

pytestmark = pytest.mark.storage


@pytest.fixture
def all_at_once(
    app: Flask, directory: Directory
) -> Callable[[Callable[[Directory, int], TestResponse]], list[TestResponse]]:
    """`all_at_once(ask)`: each of several clients asks at the same moment, and gets its number."""

    def run(ask: Callable[[Directory, int], TestResponse]) -> list[TestResponse]:
        ready = Barrier(AT_ONCE)

        def one(number: int) -> TestResponse:
            mine = Directory(app.test_client(), directory.headers)
            ready.wait(timeout=30)
            return ask(mine, number)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(one, range(AT_ONCE)))

    return run


Run = Callable[[Callable[[Directory, int], TestResponse]], list[TestResponse]]


def statuses(answers: list[TestResponse]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


def test_no_patch_of_a_person_is_lost(directory: Directory, all_at_once: Run) -> None:
    path = f"/Users/{directory.add_user('ada')['id']}"

    def add(mine: Directory, number: int) -> TestResponse:
        return mine.patch(path, {"op": "add", "path": "phoneNumbers", "value": [{"value": f"+{number}"}]})

    assert statuses(all_at_once(add)) == {200: AT_ONCE}
    numbers = directory.get(path).get_json()["phoneNumbers"]
    assert sorted(one["value"] for one in numbers) == [f"+{number}" for number in range(AT_ONCE)]


def test_no_patch_of_a_group_is_lost(directory: Directory, all_at_once: Run) -> None:
    people = [directory.add_user(f"person{number}")["id"] for number in range(AT_ONCE)]
    path = f"/Groups/{directory.add_group('Engines')['id']}"

    def add(mine: Directory, number: int) -> TestResponse:
        return mine.patch(path, {"op": "add", "path": "members", "value": [{"value": people[number]}]})

    assert statuses(all_at_once(add)) == {200: AT_ONCE}
    assert {one["value"] for one in directory.get(path).get_json()["members"]} == set(people)


def test_one_of_many_gets_a_user_name(directory: Directory, all_at_once: Run) -> None:
    def add(mine: Directory, number: int) -> TestResponse:
        address = [{"value": f"ada{number}@acme.example"}]
        return mine.send("POST", "/Users", {**a_person("ada"), "emails": address})

    assert statuses(all_at_once(add)) == {201: 1, 409: AT_ONCE - 1}
    assert directory.found() == ["ada"]


def test_one_of_many_changes_a_version(directory: Directory, all_at_once: Run) -> None:
    made = directory.add_user("ada")

    def rename(mine: Directory, number: int) -> TestResponse:
        operation: dict[str, Any] = {"op": "replace", "path": "title", "value": f"title {number}"}
        return mine.patch(f"/Users/{made['id']}", operation, If_Match=made["meta"]["version"])

    assert statuses(all_at_once(rename)) == {200: 1, 412: AT_ONCE - 1}


def test_changes_of_all_kinds_do_not_block_each_other(directory: Directory, all_at_once: Run) -> None:
    ada = directory.add_user("ada")["id"]
    group = f"/Groups/{directory.add_group('Engines', ada)['id']}"
    steps: list[Callable[[Directory], TestResponse]] = [
        lambda mine: mine.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": False}),
        lambda mine: mine.patch(f"/Users/{ada}", {"op": "replace", "path": "title", "value": "x"}),
        lambda mine: mine.patch(group, {"op": "remove", "path": "members"}),
        lambda mine: mine.patch(group, {"op": "add", "path": "members", "value": [{"value": ada}]}),
        lambda mine: mine.patch(group, {"op": "replace", "path": "displayName", "value": "Motors"}),
        lambda mine: mine.send("POST", "/Users", a_person("bob")),
    ]
    answers = all_at_once(lambda mine, number: steps[number](mine))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 201]
