"""What is known elsewhere of an app's use: how rare it is, who consented, when last, and whether somebody approved it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.clock import to_wire
from sandbox.resources.apps import service
from tests import builders
from tests.builders import BUSINESS_START

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.mark.parametrize(
    ("users", "active", "expected"),
    [
        (5, 100, "common"),
        (4, 100, "uncommon"),
        (2, 100, "uncommon"),
        (1, 100, "rare"),
        (0, 100, "rare"),
        (0, 0, "rare"),
    ],
)
def test_rarity_is_told_from_the_share_of_active_people(users: int, active: int, expected: str) -> None:
    assert service.rarity(users, active) == expected


def test_app_shows_by_whom_and_when_it_was_allowed_and_used(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    days = [BUSINESS_START - timedelta(days=days) for days in (9, 7, 3)]
    with acme():
        app_id, unused = builders.an_app().id, builders.an_app().id
        builders.a_grant(builders.a_user().id, app_id, last_authorized_at=days[0], last_used_at=days[2])
        builders.a_grant(builders.a_user().id, app_id, last_authorized_at=days[1], type="admin")
        builders.a_user(status="suspended")
    rows = {row["id"]: row for row in client.get("/v1/apps", headers=anything).get_json()["data"]}
    names = ("user_count", "rarity", "is_admin_consented", "last_authorized_at", "last_used_at")
    assert [rows[app_id][name] for name in names] == [2, "common", True, to_wire(days[1]), to_wire(days[2])]
    assert [rows[unused][name] for name in names] == [0, "rare", False, None, None]


def test_consent_that_was_imposed_and_withdrawn_counts_no_longer(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        app_id = builders.an_app().id
        builders.a_grant(builders.a_user().id, app_id, type="admin", status="revoked")
    shown = client.get(f"/v1/apps/{app_id}", headers=anything).get_json()
    assert (shown["user_count"], shown["is_admin_consented"], shown["last_authorized_at"] is None) == (0, False, False)


def test_app_is_approved_that_is_listed_or_the_organizations_own(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        builders.a_setting("apps.allowlist.clients", ["listed"])
        apps = {
            "listed": builders.an_app(client_id="listed").id,
            "own": builders.an_app(origin="internal").id,
            "other": builders.an_app(client_id="other").id,
        }
    shown = {
        name: client.get(f"/v1/apps/{id_}", headers=anything).get_json()["is_approved"] for name, id_ in apps.items()
    }
    assert shown == {"listed": True, "own": True, "other": False}


def test_list_of_apps_costs_the_same_statements_however_many_there_are(
    client: FlaskClient, anything: Headers, acme: Enter, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for _ in range(2):
        with acme():
            for _ in range(5):
                builders.a_grant(builders.a_user().id, builders.an_app().id)
        client.get("/v1/apps", headers=anything)
        with statements() as seen:
            client.get("/v1/apps", headers=anything)
        counts.append(len(seen))
    assert counts[0] == counts[1]
