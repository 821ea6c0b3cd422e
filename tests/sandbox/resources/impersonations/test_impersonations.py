"""The rules of impersonation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws

from sandbox.access.scopes import API
from sandbox.foundation import tenancy
from sandbox.foundation.database import db
from sandbox.resources.configuration import service as configuration
from sandbox.resources.roles import service as roles
from sandbox.resources.users import service as users
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
ORDER = {"reason": "Sees no files; ticket 4711.", "has_consent": True}
EVERYTHING = " ".join(API)


@pytest.fixture
def ada(acme: Enter) -> str:
    """An administrator."""
    with acme():
        builders.an_administrator()
        return builders.an_administrator(name="Ada", email="ada@acme.example").id


@pytest.fixture
def ben(acme: Enter) -> str:
    """A member."""
    with acme():
        user_id = builders.a_user(name="Ben").id
        builders.an_assignment(user_id, builders.a_role(scope="users:read groups:read tokens:write").key)
        return user_id


@pytest.fixture
def hers(token: Any, ada: str) -> Headers:
    return token(EVERYTHING, user_id=ada)


def impersonate(client: FlaskClient, headers: Headers, user_id: str, **order: Any) -> Any:
    return client.post(f"/v1/users/{user_id}/impersonate", headers=headers, json={**ORDER, **order})


def bearer(answer: Any) -> Headers:
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def set_to(acme: Enter, value: str) -> None:
    with acme():
        configuration.change("admin.impersonation", value=value, expecting=lambda _: None)


@pytest.mark.storage
def test_token_may_do_what_both_may_and_names_who_is_behind_it(
    client: FlaskClient, hers: Headers, ada: str, ben: str
) -> None:
    answer = impersonate(client, hers, ben)
    body = answer.get_json()
    statuses = {path: client.get(path, headers=bearer(answer)).status_code for path in ("/v1/users", "/v1/roles")}
    assert (answer.status_code, statuses) == (201, {"/v1/users": 200, "/v1/roles": 403})
    claims = jws.extract_compact(body["access_token"].encode()).payload
    assert f'"act":{{"sub":"{ada}"'.encode() in claims.replace(b" ", b"")
    assert body["scope"].split() == ["users:read", "groups:read", "tokens:write"]


@pytest.mark.storage
def test_events_name_the_person_and_the_impersonator(
    client: FlaskClient, token: Any, ada: str, acme: Enter, logged: Any
) -> None:
    with acme():
        ben = builders.a_user(name="Ben").id
        builders.an_assignment(ben, builders.a_role(scope="groups:write").key)
    answer = impersonate(client, token(EVERYTHING, user_id=ada), ben)
    client.post("/v1/groups", headers=bearer(answer), json={"name": "Robotics"})
    made = logged()[-1]
    assert (made["action"], made["actor"]["id"]) == ("group.created", ben)
    assert made["impersonator"] == {"type": "user", "id": ada, "email": "ada@acme.example", "name": "Ada"}


def test_beginning_is_recorded(client: FlaskClient, hers: Headers, ada: str, ben: str, logged: Any) -> None:
    impersonate(client, hers, ben)
    (event,) = [event for event in logged() if event["action"] == "user.impersonation.started"]
    assert (event["actor"]["id"], event["targets"][0]["id"], event["impersonator"]) == (ada, ben, None)
    assert event["details"]["reason"] == ORDER["reason"]


def test_lifetime_is_what_was_asked(client: FlaskClient, hers: Headers, ben: str) -> None:
    body = impersonate(client, hers, ben, duration_seconds=120).get_json()
    assert body["expires_in"] == 120


@pytest.mark.parametrize("duration", [0, 59, 3601, "60", 1.5, None])
def test_lifetime_has_bounds(client: FlaskClient, hers: Headers, ben: str, duration: Any) -> None:
    answer = impersonate(client, hers, ben, duration_seconds=duration)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (400, "/duration_seconds")


@pytest.mark.storage
@pytest.mark.parametrize(
    "how", ["ended", "impersonator suspended", "person suspended", "impersonator no longer trusted"]
)
def test_token_is_dead_on_the_next_request_when_it_should_be(
    client: FlaskClient, hers: Headers, anything: Headers, acme: Enter, ada: str, ben: str, how: str
) -> None:
    answer = impersonate(client, hers, ben)
    impersonation_id, before = answer.get_json()["id"], client.get("/v1/users", headers=bearer(answer)).status_code
    if how == "ended":
        client.delete(f"/v1/impersonations/{impersonation_id}", headers=anything)
    elif how.endswith("suspended"):
        user_id = ada if how.startswith("impersonator") else ben
        client.post(f"/v1/users/{user_id}/suspend", headers=anything, json={"reason": "leak"})
    else:
        with acme():
            role = db.session.scalars(roles.search(key="administrator")).one()
        client.delete(f"/v1/roles/{role.id}/members/{ada}", headers=anything)
    after = client.get("/v1/users", headers=bearer(answer)).status_code
    assert (before, after) == (200, 403 if how.endswith("trusted") else 401)


@pytest.mark.parametrize("who", ["user", "impersonator"])
def test_end_is_recorded_once_whoever_ended_it(
    client: FlaskClient, hers: Headers, anything: Headers, ada: str, ben: str, logged: Any, who: str
) -> None:
    impersonation_id = impersonate(client, hers, ben).get_json()["id"]
    user_id = ben if who == "user" else ada
    client.post(f"/v1/users/{user_id}/suspend", headers=anything, json={"reason": "leak"})
    client.delete(f"/v1/impersonations/{impersonation_id}", headers=anything)
    assert [event["action"] for event in logged()].count("user.impersonation.ended") == 1
    shown = client.get(f"/v1/impersonations/{impersonation_id}", headers=anything).get_json()
    assert shown["status"] == "ended"


@pytest.mark.storage
@pytest.mark.parametrize("who", ["the housekeeper", "a reader", "a later sign-out"])
def test_end_is_recorded_once_when_its_time_is_over(
    app: Flask,
    client: FlaskClient,
    hers: Headers,
    anything: Headers,
    ada: str,
    ben: str,
    logged: Any,
    travel: Any,
    who: str,
) -> None:
    shown = impersonate(client, hers, ben, duration_seconds=600).get_json()
    keeper = app.extensions["housekeeper"]
    keeper.holder = "test"
    keeper.round()
    before = [event["action"] for event in logged()].count("user.impersonation.ended")
    travel(timedelta(hours=1))
    if who == "the housekeeper":
        keeper.round()
    elif who == "a later sign-out":
        client.post(f"/v1/users/{ada}/suspend", headers=anything, json={"reason": "leak"})
    read = client.get(f"/v1/impersonations/{shown['id']}", headers=anything).get_json()
    keeper.round()
    ended = [event for event in logged() if event["action"] == "user.impersonation.ended"]
    assert (before, len(ended), read["status"], read["ended_at"]) == (0, 1, "expired", None)
    assert (ended[0]["occurred_at"], ended[0]["actor"]["type"]) == (shown["expires_at"], "system")
    assert ended[0]["details"] == {"cause": "time is over"}


def test_who_may_not_is_refused_and_the_refusal_recorded(
    client: FlaskClient, token: Any, anything: Headers, acme: Enter, ada: str, ben: str, logged: Any
) -> None:
    with acme():
        other = builders.an_administrator().id
        carl = builders.a_user().id
        builders.an_assignment(carl, builders.a_role(scope=EVERYTHING).key)
        builders.an_api_token("hbr_of_ada", owner_id=ada, scope=EVERYTHING)
        robot = builders.a_user(type="service").id
    hers, script = token(EVERYTHING, user_id=ada), {"Authorization": "Bearer hbr_of_ada"}
    attempts = {
        "self": (hers, ada),
        "administrator": (hers, other),
        "not_active": (hers, robot),
        "not_a_person": (anything, ben),
        "not_administrator": (token(EVERYTHING, user_id=carl), ben),
        "api_token": (script, ben),
    }
    answers = {reason: impersonate(client, headers, user_id) for reason, (headers, user_id) in attempts.items()}
    assert {reason: answer.status_code for reason, answer in answers.items()} == dict.fromkeys(attempts, 403)
    denied = [event for event in logged() if event["action"] == "user.impersonation.started"]
    assert [event["outcome"] for event in denied] == [{"result": "denied", "reason": reason} for reason in attempts]


@pytest.mark.parametrize(("value", "agreed", "status"), [
    ("off", True, 403), ("consent", False, 403), ("consent", True, 201), ("unrestricted", False, 201),
])  # fmt: skip
def test_setting_decides(
    client: FlaskClient, hers: Headers, acme: Enter, ben: str, value: str, agreed: bool, status: int
) -> None:
    set_to(acme, value)
    assert impersonate(client, hers, ben, has_consent=agreed).status_code == status


def test_fresh_second_factor_is_wanted_where_the_tenant_says_so(
    client: FlaskClient, hers: Headers, acme: Enter, ben: str
) -> None:
    with acme():
        key = "identity.session.reauthentication_minutes"
        configuration.change(key, value=15, expecting=lambda _: None)
    answer = impersonate(client, hers, ben)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "insufficient-user-authentication")


def test_token_starts_nothing_that_would_outlast_it(client: FlaskClient, hers: Headers, acme: Enter, ben: str) -> None:
    with acme():
        builders.an_assignment(ben, builders.a_role(scope="actions:write").key)
        carl = builders.a_user().id
        theirs = builders.an_api_token(owner_id=ben).id
    headers = bearer(impersonate(client, hers, ben))
    answers = [
        impersonate(client, headers, carl),
        client.post("/v1/api-tokens", headers=headers, json={"name": "x", "scopes": ["users:read"]}),
        client.post(f"/v1/api-tokens/{theirs}/rotate", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_repeated_request_begins_nothing_and_tells_no_token(client: FlaskClient, hers: Headers, ben: str) -> None:
    keyed = {**hers, "Idempotency-Key": "k"}
    first, second = (impersonate(client, keyed, ben).get_json() for _ in range(2))
    assert (second["id"], second["access_token"]) == (first["id"], None)


def test_person_of_another_tenant_is_unknown(client: FlaskClient, hers: Headers, app: Any) -> None:
    with app.app_context(), tenancy.enter("other"):
        foreign = builders.a_user().id
    assert impersonate(client, hers, foreign).status_code == 404
    assert impersonate(client, hers, "usr_none").status_code == 404


def test_deleting_the_person_ends_it(client: FlaskClient, hers: Headers, acme: Enter, ben: str) -> None:
    answer = impersonate(client, hers, ben)
    with acme():
        users.delete(ben)
    assert client.get("/v1/users", headers=bearer(answer)).status_code == 401
