"""The rules of API tokens, and what becomes of them at the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.client import hash_secret
from sandbox.access.scopes import API
from sandbox.foundation.clock import now
from sandbox.foundation.database import db
from sandbox.resources.api_tokens import service
from sandbox.resources.users import service as users
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
Token = Callable[..., dict[str, str]]
VALUE = "hbr_0123456789012345678901234567890123456789012"
BEARER = {"Authorization": f"Bearer {VALUE}"}


@pytest.fixture
def administrator(acme: Enter) -> str:
    with acme():
        return builders.an_administrator(name="Ada").id


@pytest.fixture
def hers(token: Callable[..., Headers], administrator: str) -> Headers:
    """The header of an administrator who signed in."""
    return token(" ".join(API), user_id=administrator)


def create(client: FlaskClient, headers: Headers, **body: Any) -> Any:
    return client.post("/v1/api-tokens", headers=headers, json={"name": "Report", "scopes": ["users:read"], **body})


@pytest.mark.storage
def test_value_is_told_once_and_kept_as_a_hash(client: FlaskClient, hers: Headers, acme: Enter) -> None:
    made = create(client, hers).get_json()
    assert re.fullmatch(r"hbr_[\w-]{43}", made["value"])
    assert "value" not in client.get(f"/v1/api-tokens/{made['id']}", headers=hers).get_json()
    with acme():
        assert db.session.scalars(service.search()).one().token_hash == hash_secret(made["value"])


@pytest.mark.storage
def test_repeated_request_gets_the_same_token_without_its_value(
    client: FlaskClient, hers: Headers, acme: Enter
) -> None:
    keyed = {**hers, "Idempotency-Key": "k"}
    first, second = (create(client, keyed).get_json() for _ in range(2))
    assert (second["id"], second["value"]) == (first["id"], None)
    assert first["value"] is not None


@pytest.mark.storage
def test_token_opens_what_its_scopes_and_the_roles_of_its_owner_allow(client: FlaskClient, acme: Enter) -> None:
    """Rulings 1, for API tokens."""
    with acme():
        user_id = builders.a_user().id
        builders.an_assignment(user_id, builders.a_role(scope="users:read groups:read").key)
        builders.an_api_token(VALUE, owner_id=user_id, scope="users:read roles:read")
    statuses = {path: client.get(path, headers=BEARER).status_code for path in ("/v1/users", "/v1/groups", "/v1/roles")}
    assert statuses == {"/v1/users": 200, "/v1/groups": 403, "/v1/roles": 403}


@pytest.mark.storage
@pytest.mark.parametrize("method", ["DELETE", "POST"])
@pytest.mark.control("IAM-SaaS-07", call="POST /v1/api-tokens/{token_id}/revoke")
def test_token_is_dead_on_the_next_request_when_revoked(
    client: FlaskClient, anything: Headers, acme: Enter, method: str
) -> None:
    with acme():
        token_id = builders.an_api_token(VALUE).id
    before = client.get("/v1/users", headers=BEARER).status_code
    if method == "DELETE":
        client.delete(f"/v1/api-tokens/{token_id}", headers=anything)
    else:
        client.post(f"/v1/api-tokens/{token_id}/revoke", headers=anything, json={"reason": "leaked"})
    answer = client.get("/v1/users", headers=BEARER)
    assert (before, answer.status_code) == (200, 401)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.control("IAM-SaaS-17", call="POST /v1/users/{user_id}/reactivate")
def test_token_fails_while_its_owner_is_suspended_and_works_again_afterwards(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        account = builders.a_service_account()
        builders.an_assignment(account.user_id, builders.a_role().key)
        builders.an_api_token(VALUE, owner_id=account.user_id, service_account_id=account.id)
    seen = [client.get("/v1/users", headers=BEARER).status_code]
    for verb in ("disable", "enable"):
        client.post(f"/v1/service-accounts/{account.id}/{verb}", headers=anything, json={"reason": "leak"})
        seen.append(client.get("/v1/users", headers=BEARER).status_code)
    assert seen == [200, 401, 200]


def test_token_loses_at_once_what_a_role_no_longer_allows(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id, role = builders.a_user().id, builders.a_role()
        builders.an_assignment(user_id, role.key)
        builders.an_api_token(VALUE, owner_id=user_id)
    before = client.get("/v1/users", headers=BEARER).status_code
    client.delete(f"/v1/roles/{role.id}/members/{user_id}", headers=anything)
    assert (before, client.get("/v1/users", headers=BEARER).status_code) == (200, 403)


@pytest.mark.storage
def test_tokens_end_with_their_owner(in_acme: None) -> None:
    token = builders.an_api_token(owner_id=builders.a_user().id)
    users.delete(token.owner_id)
    assert service.find(token.id).status == "revoked"


def test_token_fails_when_its_time_is_over(
    client: FlaskClient, acme: Enter, travel: Callable[[timedelta], None]
) -> None:
    with acme():
        builders.an_api_token(VALUE, expires_at=now() + timedelta(hours=1))
    before = client.get("/v1/users", headers=BEARER).status_code
    travel(timedelta(hours=2))
    assert (before, client.get("/v1/users", headers=BEARER).status_code) == (200, 401)


@pytest.mark.parametrize(
    "value", ["hbr_", "hbr_unknown", "hbr_\xe9", "HBR_" + VALUE[4:], VALUE + "x", VALUE.encode().hex()]
)
def test_value_that_nobody_made_is_refused(client: FlaskClient, acme: Enter, value: str) -> None:
    with acme():
        builders.an_api_token(VALUE)
    assert client.get("/v1/users", headers={"Authorization": f"Bearer {value}"}).status_code == 401


def test_token_of_another_tenant_is_unknown(client: FlaskClient, acme: Enter) -> None:
    with acme():
        builders.an_api_token(VALUE)
    assert [client.get(path, headers=BEARER).status_code for path in ("/v1/users", "/t/other/v1/users")] == [200, 401]


def test_request_with_a_token_costs_one_statement_more_only_where_it_was_not_seen(
    client: FlaskClient, acme: Enter, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with acme():
        builders.an_api_token(VALUE)
    client.get("/v1/users", headers=BEARER)
    with statements() as seen:
        client.get("/v1/users", headers=BEARER)
    assert not [sql for sql in seen if "api_tokens" in sql or "role_assignments.role_key =" in sql]


def test_use_is_noticed_with_time_and_address_once_a_minute(
    client: FlaskClient, acme: Enter, travel: Callable[[timedelta], None]
) -> None:
    with acme():
        token_id = builders.an_api_token(VALUE).id
    moments = []
    for distance in (timedelta(0), timedelta(seconds=20), timedelta(minutes=2)):
        travel(distance)
        client.get("/v1/users", headers=BEARER)
        with acme():
            moments.append((service.find(token_id).last_used_at, service.find(token_id).last_used_ip))
    assert moments[0] == moments[1] != moments[2]
    assert moments[0][1] == "127.0.0.1"


def test_log_names_owner_and_token(client: FlaskClient, hers: Headers, logged: Any, administrator: str) -> None:
    made = create(client, hers, scopes=["groups:write"]).get_json()
    client.post("/v1/groups", headers={"Authorization": f"Bearer {made['value']}"}, json={"name": "Robotics"})
    event = logged()[-1]
    assert (event["action"], event["actor"]["id"]) == ("group.created", administrator)
    assert event["client"] == {"id": made["id"], "name": "Report"}


def test_nobody_gives_a_token_more_than_they_have(client: FlaskClient, token: Any, administrator: str) -> None:
    answer = create(
        client, token("tokens:write users:read", user_id=administrator), scopes=["users:read", "audit:read"]
    )
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (400, "/scopes/1")


def test_client_makes_tokens_for_service_accounts_only(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        account_id = builders.a_service_account().id
    answers = [create(client, anything), create(client, anything, service_account_id=account_id)]
    assert [answer.status_code for answer in answers] == [403, 201]
    rows = client.get(f"/v1/service-accounts/{account_id}/tokens", headers=anything).get_json()["data"]
    assert [row["id"] for row in rows] == [answers[1].get_json()["id"]]


def test_former_value_is_dead_when_a_token_is_rotated(client: FlaskClient, hers: Headers) -> None:
    made = create(client, hers).get_json()
    rotated = client.post(f"/v1/api-tokens/{made['id']}/rotate", headers=hers).get_json()
    used = [{"Authorization": f"Bearer {one['value']}"} for one in (made, rotated)]
    assert [client.get("/v1/users", headers=headers).status_code for headers in used] == [401, 200]


def test_rotation_is_recorded_without_the_value(client: FlaskClient, hers: Headers, token: Token) -> None:
    made = create(client, hers).get_json()
    rotated = client.post(f"/v1/api-tokens/{made['id']}/rotate", headers=hers).get_json()
    log = client.get("/v1/audit-events", query_string={"action": "api_key.rotated"}, headers=token("audit:read"))
    (event,) = log.get_json()["data"]
    assert made["id"] in {target["id"] for target in event["targets"]}
    assert rotated["value"] not in log.text


def test_personal_token_is_rotated_by_its_owner_alone(client: FlaskClient, hers: Headers, acme: Enter) -> None:
    with acme():
        token_id = builders.an_api_token(VALUE).id
    assert client.post(f"/v1/api-tokens/{token_id}/rotate", headers=hers).status_code == 403
    assert client.get("/v1/users", headers=BEARER).status_code == 200


def test_token_shrinks_at_once_and_never_grows(client: FlaskClient, hers: Headers) -> None:
    made = create(client, hers, scopes=["users:read", "groups:read"]).get_json()
    path, bearer = f"/v1/api-tokens/{made['id']}", {"Authorization": f"Bearer {made['value']}"}
    statuses = [client.get("/v1/groups", headers=bearer).status_code]
    for scopes in (["users:read"], ["users:read", "groups:read"]):
        etag = client.get(path, headers=hers).headers["ETag"]
        statuses.append(client.patch(path, headers={**hers, "If-Match": etag}, json={"scopes": scopes}).status_code)
    assert [*statuses, client.get("/v1/groups", headers=bearer).status_code] == [200, 200, 400, 403]


def test_token_that_is_revoked_cannot_be_changed(client: FlaskClient, hers: Headers, acme: Enter) -> None:
    with acme():
        path = f"/v1/api-tokens/{builders.an_api_token(revoked_at=now()).id}"
    etag = client.get(path, headers=hers).headers["ETag"]
    answers = [
        client.patch(path, headers={**hers, "If-Match": etag}, json={"name": "x"}),
        client.post(f"{path}/rotate", headers=hers),
    ]
    assert [answer.status_code for answer in answers] == [409, 409]


def _account() -> tuple[str, str]:
    account = builders.a_service_account()
    return account.id, account.user_id


def test_list_gives_tokens_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        account_id, user_id = _account()
        service_ = builders.an_api_token(owner_id=user_id, service_account_id=account_id).id
        expired = builders.an_api_token(expires_at=now() - timedelta(days=1)).id
        revoked = builders.an_api_token(revoked_at=now(), expires_at=now() - timedelta(days=1)).id
    expected = {
        "type=service": [service_],
        f"service_account_id={account_id}": [service_],
        "status=expired": [expired],
        "status=revoked": [revoked],
        "status=active": [service_],
        f"owner_id={user_id}": [service_],
    }
    rows = {query: client.get(f"/v1/api-tokens?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["id"] for row in found] for query, found in rows.items()} == expected


def test_authorization_server_knows_no_api_tokens(client: FlaskClient, acme: Enter) -> None:
    with acme():
        builders.a_client()
        builders.an_api_token(VALUE)
    answer = client.post("/oauth/introspect", data={"token": VALUE}, auth=("demo", "secret"))
    assert answer.get_json() == {"active": False}


def test_status_of_the_row_is_the_status_of_the_filter(in_acme: None) -> None:
    for given in ({}, {"expires_at": now()}, {"revoked_at": now()}, {"expires_at": now() + timedelta(days=1)}):
        builders.an_api_token(**given)
    found = {status: {t.status for t in db.session.scalars(service.search(status=status))} for status in _STATUSES}
    assert found == {status: {status} for status in _STATUSES}


_STATUSES = ("active", "expired", "revoked")


def test_age_is_that_of_the_present_value(
    client: FlaskClient, hers: Headers, travel: Callable[[timedelta], None]
) -> None:
    made = create(client, hers).get_json()
    travel(timedelta(days=91))
    old = client.get(f"/v1/api-tokens/{made['id']}", headers=hers).get_json()
    new = client.post(f"/v1/api-tokens/{made['id']}/rotate", headers=hers).get_json()
    assert (made["age_days"], old["age_days"], new["age_days"]) == (0, 91, 0)
    assert made["issued_at"] == old["issued_at"] == old["created_at"] < new["issued_at"]


def test_token_of_somebody_who_cannot_use_it_shows(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.an_administrator()
        ids = {builders.an_api_token(owner_id=builders.a_user(status=s).id).id: s for s in ("active", "suspended")}
    rows = client.get("/v1/api-tokens", headers=anything).get_json()["data"]
    assert {row["id"]: row["owner_status"] for row in rows} == ids


def test_owners_of_a_page_of_tokens_are_read_at_once(
    client: FlaskClient, anything: Headers, acme: Enter, statements: Callable[[], Any]
) -> None:
    counts = []
    for _ in range(2):
        with acme():
            for _ in range(4):
                builders.an_api_token(owner_id=builders.a_user().id)
        client.get("/v1/api-tokens", headers=anything)
        with statements() as seen:
            client.get("/v1/api-tokens", headers=anything)
        counts.append(len(seen))
    assert counts[0] == counts[1]
