"""The rules of service accounts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.problems import NotFound
from sandbox.resources.service_accounts import service
from sandbox.resources.users import service as users
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.mark.storage
def test_account_is_a_user_of_the_type_service_without_any_role(in_acme: None) -> None:
    account = service.create(name="Backup", type="automation")
    user = users.find(account.user_id)
    assert (user.type, user.name, service.present([account])[0].roles) == ("service", "Backup", [])


@pytest.mark.storage
@pytest.mark.control("IAM-SaaS-07", call="DELETE /v1/service-accounts/{account_id}")
def test_account_ends_with_its_user_when_either_is_deleted(in_acme: None) -> None:
    first, second = builders.a_service_account(), builders.a_service_account()
    service.delete(first.id)
    users.delete(second.user_id)
    for account in (first, second):
        assert users.find(account.user_id).status == "deleted"
        with pytest.raises(NotFound):
            service.find(account.id)


def test_list_gives_accounts_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        owner = builders.a_user().id
        one = builders.a_service_account(owner_id=owner, type="agent").id
        two = builders.a_service_account(user_id=builders.a_user(type="service", status="suspended").id).id
    expected = {f"owner_id={owner}": [one], "status=disabled": [two], "status=enabled": [one], "type=agent": [one]}
    rows = {
        query: client.get(f"/v1/service-accounts?{query}", headers=anything).get_json()["data"] for query in expected
    }
    assert {query: [row["id"] for row in found] for query, found in rows.items()} == expected


def test_change_without_the_version_it_was_made_from_is_refused(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        path = f"/v1/service-accounts/{builders.a_service_account().id}"
    body = {"name": "Backup"}
    stale = client.get(path, headers=anything).headers["ETag"]
    answers = [
        client.patch(path, headers=anything, json=body),
        client.patch(path, headers={**anything, "If-Match": stale}, json=body),
        client.patch(path, headers={**anything, "If-Match": stale}, json=body),
    ]
    assert [answer.status_code for answer in answers] == [428, 200, 412]


def test_owner_who_has_left_shows(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    """Nobody answers for it any more, though a name still stands there."""
    with acme():
        owners = [builders.a_user(status=status).id for status in ("active", "suspended")]
        owned = [builders.a_service_account(owner_id=owner).id for owner in (*owners, None)]
        users.delete(owners[0])
    shown = [client.get(f"/v1/service-accounts/{id_}", headers=anything).get_json()["owner_status"] for id_ in owned]
    assert shown == ["deleted", "suspended", None]
