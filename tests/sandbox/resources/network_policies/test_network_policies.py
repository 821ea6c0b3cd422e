"""Network policies at the API: what they keep out, from when on, and what the log says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.scopes import API
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
LOOPBACK, OUTSIDE = "127.0.0.1", "198.51.100.7"
POLICIES = "/v1/network-policies"


def status(client: FlaskClient, headers: Headers, ip: str, path: str = "/v1/users") -> int:
    return client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": ip}).status_code


@pytest.mark.storage
@pytest.mark.control("IAM-SaaS-03", call="POST /v1/network-policies")
def test_policy_keeps_others_out_from_the_next_request_on(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    seen = [status(client, anything, OUTSIDE)]
    body = {"name": "Here", "applies_to": "api", "ranges": ["127.0.0.0/8"], "is_enforced": True}
    path = f"{POLICIES}/{client.post(POLICIES, headers=anything, json=body).get_json()['id']}"
    seen += [status(client, anything, OUTSIDE), status(client, anything, LOOPBACK)]
    client.delete(path, headers=anything)
    assert [*seen, status(client, anything, OUTSIDE)] == [200, 403, 200, 200]


def test_policy_that_is_not_enforced_keeps_nobody_out(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.a_network_policy(ranges=["127.0.0.0/8"])
    assert status(client, anything, OUTSIDE) == 200


@pytest.mark.control("IAM-SaaS-03", call="POST /v1/network-policies")
def test_policy_for_administrators_concerns_people_with_a_privileged_role_only(
    client: FlaskClient, token: Any, acme: Enter
) -> None:
    with acme():
        builders.a_network_policy(applies_to="administrators", ranges=["127.0.0.0/8"], is_enforced=True)
        people = [builders.a_user().id for _ in range(2)]
        for person, privileged in zip(people, (True, False), strict=True):
            builders.an_assignment(person, builders.a_role(is_privileged=privileged).key)
    headers = [token("users:read", user_id=person) for person in people]
    assert [status(client, one, OUTSIDE) for one in headers] == [403, 200]
    assert status(client, headers[0], LOOPBACK) == 200


def test_policy_of_one_tenant_is_not_that_of_another(client: FlaskClient, token: Any, acme: Enter) -> None:
    with acme():
        builders.a_network_policy(ranges=["127.0.0.0/8"], is_enforced=True)
    other = token("users:read", tenant="other")
    assert status(client, other, OUTSIDE, "/t/other/v1/users") == 200


def test_refusal_is_one_problem_and_one_event(client: FlaskClient, anything: Headers, acme: Enter, logged: Any) -> None:
    with acme():
        policy_id = builders.a_network_policy(mode="deny", ranges=["198.51.100.0/24"], is_enforced=True).id
    before = len(logged())
    answer = client.get("/v1/users", headers=anything, environ_overrides={"REMOTE_ADDR": OUTSIDE})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "network-refused")
    (event,) = logged()[before:]
    assert (event["action"], event["outcome"]) == ("access.denied", {"result": "denied", "reason": "network_policy"})
    assert policy_id in [target["id"] for target in event["targets"]]


def test_known_address_costs_no_statement(
    client: FlaskClient, anything: Headers, acme: Enter, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with acme():
        builders.a_network_policy(ranges=["127.0.0.0/8"], is_enforced=True)
    client.get("/v1/users", headers=anything)
    with statements() as seen:
        client.get("/v1/users", headers=anything)
    assert not [sql for sql in seen if "network_policies" in sql]


@pytest.mark.parametrize("applies_to", ["everyone", "api"])
def test_nobody_shuts_themselves_out(client: FlaskClient, anything: Headers, applies_to: str) -> None:
    body = {"name": "Elsewhere", "applies_to": applies_to, "ranges": ["203.0.113.0/24"], "is_enforced": True}
    answer = client.post(POLICIES, headers=anything, json=body)
    assert answer.status_code == 409
    assert client.get(POLICIES, headers=anything).get_json()["data"] == []


def test_administrator_does_not_shut_administrators_out_from_here(client: FlaskClient, token: Any, acme: Enter) -> None:
    with acme():
        person = builders.a_user().id
        builders.an_assignment(person, builders.a_role(scope=" ".join(API), is_privileged=True).key)
        policy_id = builders.a_network_policy(applies_to="administrators").id
    headers, path = token(" ".join(API), user_id=person), f"{POLICIES}/{policy_id}"
    etag = client.get(path, headers=headers).headers["ETag"]
    answer = client.patch(path, headers={**headers, "If-Match": etag}, json={"is_enforced": True})
    assert answer.status_code == 409


@pytest.mark.storage
def test_name_belongs_to_one_policy(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    body = {"name": "Offices", "applies_to": "api", "ranges": ["203.0.113.0/24"]}
    answers = [client.post(POLICIES, headers=anything, json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].get_json()["errors"][0]["pointer"] == "/name"


def test_change_needs_the_version_it_was_made_from(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        path = f"{POLICIES}/{builders.a_network_policy().id}"
    assert client.patch(path, headers=anything, json={"mode": "deny"}).status_code == 428


def test_list_gives_policies_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        here = builders.a_network_policy(applies_to="api", ranges=["127.0.0.0/8"], is_enforced=True).id
        bad = builders.a_network_policy(mode="deny").id
    expected = {"applies_to=api": [here], "is_enforced=true": [here], "mode=deny": [bad], "is_enforced=false": [bad]}
    rows = {query: client.get(f"{POLICIES}?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["id"] for row in found] for query, found in rows.items()} == expected
