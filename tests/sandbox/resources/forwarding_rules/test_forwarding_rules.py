"""The rules of forwarding: whose rules one sees and makes, and that nothing leaves unless a setting lets it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.problems import Conflict
from sandbox.resources.configuration.model import Setting
from sandbox.resources.forwarding_rules import service
from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.resources.people import bound_to, somebody

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Token = Callable[..., Headers]
Read = Callable[[], list[dict[str, Any]]]
FILES = "files:read files:write"
PATH = "/v1/forwarding-rules"


@pytest.mark.parametrize(("role", "seen"), [("member", 1), ("security_auditor", 2), ("administrator", 2)])
def test_people_see_their_own_rules_and_auditors_all(
    client: FlaskClient, token: Token, acme: Enter, role: str, seen: int
) -> None:
    with acme():
        me, theirs = somebody(role), builders.a_forwarding_rule().id
        builders.a_forwarding_rule(me)
    headers = token(FILES, user_id=me)
    assert len(client.get(PATH, headers=headers).get_json()["data"]) == seen
    assert client.get(f"{PATH}/{theirs}", headers=headers).status_code == (200 if seen == 2 else 404)


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("administrator", 201)])
def test_only_administrators_make_rules_for_others(
    client: FlaskClient, token: Token, acme: Enter, role: str, status: int
) -> None:
    with acme():
        me, other = somebody(role), somebody()
    body = {"user_id": other, "address": "team@acme.example"}
    assert client.post(PATH, json=body, headers=token(FILES, user_id=me)).status_code == status


def test_new_rule_is_ones_own_and_the_log_tells_where_it_leads(
    client: FlaskClient, token: Token, acme: Enter, logged: Read
) -> None:
    with acme():
        me = somebody()
    rule = client.post(PATH, json={"address": "Team@acme.example"}, headers=token(FILES, user_id=me)).get_json()
    assert (rule["user_id"], rule["address"], rule["is_external"]) == (me, "team@acme.example", False)
    event = logged()[-1]
    assert event["details"] == {"address": "team@acme.example", "content": "notifications", "is_external": False}
    assert [target["type"] for target in event["targets"]] == ["forwarding_rule", "user"]


def test_nothing_leaves_the_organization_unless_the_setting_lets_it(
    client: FlaskClient, token: Token, acme: Enter, logged: Read
) -> None:
    with acme():
        me = somebody("administrator")
    headers, body = token(FILES, user_id=me), {"address": "me@elsewhere.example", "content": "everything"}
    refused = client.post(PATH, json=body, headers=headers)
    assert (refused.status_code, "data.auto_forward_external" in refused.get_json()["detail"]) == (403, True)
    assert (logged()[-1]["action"], logged()[-1]["details"]["address"]) == ("access.denied", "me@elsewhere.example")
    with acme(), builders.transaction() as session:
        session.add(Setting(key="data.auto_forward_external", value=True))
    assert client.post(PATH, json=body, headers=headers).get_json()["is_external"] is True


def test_rule_that_leads_outside_is_not_switched_on_again_but_off(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        rules = [builders.a_forwarding_rule(is_external=True, is_enabled=on).id for on in (False, True)]
    answers = []
    for rule, on in zip(rules, (True, False), strict=True):
        etag = client.get(f"{PATH}/{rule}", headers=anything).headers["ETag"]
        change = {"json": {"is_enabled": on}, "headers": {**anything, "If-Match": etag}}
        answers.append(client.patch(f"{PATH}/{rule}", **change).status_code)
    assert answers == [403, 200]
    assert client.get(f"{PATH}/{rules[0]}", headers=anything).get_json()["is_enabled"] is False


def test_token_that_is_bound_to_projects_reaches_no_rule(client: FlaskClient, token: Token, acme: Enter) -> None:
    with acme():
        rule = builders.a_forwarding_rule()
    headers = token(FILES, terms=bound_to(["read", "write", "share", "delete"]))
    assert client.get(PATH, headers=headers).get_json()["data"] == []
    assert client.delete(f"{PATH}/{rule.id}", headers=headers).status_code == 404
    body = {"user_id": rule.user_id, "address": "team@acme.example"}
    assert client.post(PATH, json=body, headers=headers).status_code == 403


@pytest.mark.storage
def test_address_has_one_rule_a_person(in_acme: None) -> None:
    one, other = builders.a_user().id, builders.a_user().id
    for user_id in (one, other):
        service.create(user_id=user_id, address="one@acme.example", content="documents")
    with pytest.raises(Conflict):
        service.create(user_id=one, address="One@acme.example", content="everything")
    assert len(builders.db.session.scalars(service.search()).all()) == 2


@pytest.mark.storage
def test_rules_of_a_deleted_person_end(in_acme: None) -> None:
    builders.an_administrator()
    leaver = builders.a_user().id
    builders.a_forwarding_rule(leaver)
    users.delete(leaver)
    assert builders.db.session.scalars(service.search()).all() == []
