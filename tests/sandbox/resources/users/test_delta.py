"""A copy of the people can be kept up to date: whatever changes about somebody moves `updated_at`, deletion included."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.clock import to_wire
from sandbox.resources.groups import service as groups
from sandbox.resources.roles import service as roles
from sandbox.resources.users import credentials, service
from tests import builders
from tests.builders import BUSINESS_START

Enter = Callable[[], AbstractContextManager[Any]]
Travel = Callable[[timedelta], None]
Headers = dict[str, str]
LATER = f"updated_since={to_wire(BUSINESS_START + timedelta(minutes=30))}"


class Person:
    """Somebody with a role, a group and a factor, and another whom nothing happens to."""

    def __init__(self) -> None:
        builders.an_administrator()
        self.id = builders.an_administrator().id
        self.role = builders.a_role().id
        self.held = builders.a_role()
        builders.an_assignment(self.id, self.held.key)
        self.group, self.joined = builders.a_group().id, builders.a_group().id
        builders.a_membership(self.joined, self.id)
        builders.a_factor(self.id)
        self.manager = builders.a_user().id


CHANGES: dict[str, Callable[[Person], object]] = {
    "profile": lambda one: service.update(one.id, title="Lead"),
    "manager": lambda one: service.update(one.id, manager_id=one.manager),
    "purpose": lambda one: service.update(one.id, purpose="administration"),
    "suspended": lambda one: service.suspend(one.id),
    "deleted": lambda one: service.delete(one.id),
    "role given": lambda one: roles.grant(one.role, user_id=one.id),
    "role taken": lambda one: roles.revoke(one.held.id, user_id=one.id),
    "factors removed": lambda one: credentials.remove_factors(one.id),
    "password void": lambda one: credentials.require_password_change(one.id),
    "joined a group": lambda one: groups.add_member(one.group, user_id=one.id),
    "left a group": lambda one: groups.remove_member(one.joined, user_id=one.id),
    "moved between groups": lambda one: groups.change_members(one.joined, remove=[one.id]),
    "group deleted": lambda one: groups.delete(one.joined),
}


@pytest.mark.storage
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_shows_in_the_delta_and_nobody_else_does(
    client: FlaskClient, anything: Headers, acme: Enter, travel: Travel, change: Callable[[Person], object]
) -> None:
    with acme():
        person = Person()
    travel(timedelta(hours=1))
    listing = f"/v1/users?{LATER}&include=deleted"
    assert client.get(listing, headers=anything).get_json()["data"] == []
    with acme():
        change(person)
    assert [row["id"] for row in client.get(listing, headers=anything).get_json()["data"]] == [person.id]


def test_signing_in_is_no_change(client: FlaskClient, anything: Headers, acme: Enter, travel: Travel) -> None:
    with acme():
        person = Person()
    travel(timedelta(hours=1))
    with acme():
        service.mark_login(service.find(person.id))
    assert client.get(f"/v1/users?{LATER}", headers=anything).get_json()["data"] == []


def test_tombstone_is_in_the_delta_only_if_asked_for(
    client: FlaskClient, anything: Headers, acme: Enter, travel: Travel
) -> None:
    with acme():
        gone = Person().id
    travel(timedelta(hours=1))
    with acme():
        service.delete(gone)
    shown = [client.get(f"/v1/users?{LATER}{more}", headers=anything).get_json() for more in ("", "&include=deleted")]
    assert [[row["id"] for row in page["data"]] for page in shown] == [[], [gone]]
    tombstone = shown[1]["data"][0]
    assert (tombstone["status"], tombstone["deleted_at"], tombstone["roles"]) == (
        "deleted",
        tombstone["updated_at"],
        [],
    )


def test_address_of_a_verified_domain_is_told_from_others(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        builders.a_setting("identity.domains.verified", ["acme.example"])
        ids = [builders.a_user(email=f"p@{domain}").id for domain in ("acme.example", "sub.acme.example", "x.example")]
    shown = [client.get(f"/v1/users/{id_}", headers=anything).get_json()["has_verified_domain"] for id_ in ids]
    assert shown == [True, False, False]


def test_people_can_be_found_by_what_their_account_is_for(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        kept = builders.a_user(purpose="emergency").id
        builders.a_user()
    assert [row["id"] for row in client.get("/v1/users?purpose=emergency", headers=anything).json["data"]] == [kept]
