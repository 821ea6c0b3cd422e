"""Entitlements follow from roles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from sandbox.access.scopes import SCOPES
from sandbox.foundation.clock import to_wire
from sandbox.http.json_schema import json_schema
from sandbox.resources.entitlements.schema import EntitlementsSchema
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


def test_entitlements_are_the_scopes_of_all_roles_together(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.a_user().id
        for key, scope in (("reader", "users:read groups:read"), ("auditor", "audit:read users:read")):
            builders.a_role(key=key, scope=scope)
            builders.an_assignment(user_id, key)
        builders.a_role(key="other", scope="files:write")
        builders.an_assignment(builders.a_user().id, "other")
    shown = client.get(f"/v1/users/{user_id}/entitlements", headers=anything).get_json()
    jsonschema.validate(shown, json_schema(EntitlementsSchema(), title="Entitlements"))
    assert [role["key"] for role in shown["roles"]] == ["auditor", "reader"]
    assert (sorted(shown["scopes"]), shown["is_effective"]) == (["audit:read", "groups:read", "users:read"], True)


def test_entitlements_of_the_suspended_are_not_effective(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.a_user(status="suspended").id
    assert client.get(f"/v1/users/{user_id}/entitlements", headers=anything).get_json()["is_effective"] is False


def test_entitlements_of_others_need_the_scope_and_ones_own_do_not(client: FlaskClient, acme: Enter) -> None:
    """Rulings 1: members may see what is their own."""
    with acme():
        builders.a_role(key="member", scope="users:read")
        mine, other = builders.a_user().id, builders.a_user().id
        builders.an_assignment(mine, "member")
        headers = {"Authorization": f"Bearer {builders.an_access_token('users:read', user_id=mine)}"}
    paths = [f"/v1/users/{user_id}/entitlements" for user_id in (mine, other, "usr_none")]
    assert [client.get(path, headers=headers).status_code for path in paths] == [200, 403, 403]


@pytest.mark.control("IAM-SaaS-02", call="GET /v1/users/{user_id}/entitlements")
def test_permission_names_every_role_that_it_comes_through(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.a_user().id
        roles = {
            key: builders.a_role(key=key, scope=scope).id
            for key, scope in (("a", "users:read"), ("b", "users:read scim"))
        }
        given = {key: to_wire(builders.an_assignment(user_id, key).created_at) for key in roles}
    shown = client.get(f"/v1/users/{user_id}/entitlements", headers=anything).get_json()
    through = {one["scope"]: one["through"] for one in shown["permissions"]}
    both = [{"role_id": roles[key], "key": key, "granted_at": given[key]} for key in ("a", "b")]
    assert through == {"users:read": both, "scim": both[1:]}
    assert {one["scope"]: one["description"] for one in shown["permissions"]} == {
        scope: SCOPES[scope] for scope in through
    }


@pytest.mark.control("IAM-SaaS-02", call="GET /v1/users/{user_id}/entitlements")
def test_groups_and_projects_of_the_person_are_shown(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.a_user().id
        group = builders.a_group(name="Robots")
        builders.a_membership(group.id, user_id)
        builders.a_group()
        mine, joined = builders.a_project(user_id, name="Mine"), builders.a_project(name="Their")
        builders.a_project_member(joined.id, user_id)
        builders.a_project()
        ids = (group.id, mine.id, joined.id)
    shown = client.get(f"/v1/users/{user_id}/entitlements", headers=anything).get_json()
    assert [group["id"] for group in shown["groups"]] == [ids[0]]
    assert shown["data"]["projects"] == [
        {"id": ids[1], "name": "Mine", "access": "owner"},
        {"id": ids[2], "name": "Their", "access": "member"},
    ]


@pytest.mark.parametrize(
    ("scope", "data", "configuration"),
    [
        ("users:read", ("none", "none"), (False, False)),
        ("files:read files:write", ("own", "own"), (False, False)),
        ("files:read audit:read configuration:read", ("all", "none"), (True, False)),
        (" ".join(SCOPES), ("all", "all"), (True, True)),
    ],
)
@pytest.mark.control("IAM-SaaS-02", call="GET /v1/users/{user_id}/entitlements")
def test_rights_to_data_and_settings_follow_from_the_scopes(
    client: FlaskClient,
    anything: Headers,
    acme: Enter,
    scope: str,
    data: tuple[str, str],
    configuration: tuple[bool, bool],
) -> None:
    with acme():
        user_id = builders.a_user().id
        builders.a_role(key="some", scope=scope)
        builders.an_assignment(user_id, "some")
    shown = client.get(f"/v1/users/{user_id}/entitlements", headers=anything).get_json()
    assert (shown["data"]["read"], shown["data"]["write"]) == data
    assert (shown["configuration"]["read"], shown["configuration"]["write"]) == configuration


def test_reach_is_what_the_files_themselves_go_by(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    """What entitlements call own and all is what somebody then finds."""
    with acme():
        found = {}
        for key, scope in (("keeper", "files:read"), ("watcher", "files:read audit:read")):
            builders.a_role(key=key, scope=scope)
            found[key] = builders.a_user().id
            builders.an_assignment(found[key], key)
        file_id = builders.a_file(builders.a_user().id).id
        tokens = {key: builders.an_access_token("files:read", user_id=found[key]) for key in found}
    for key, reach in (("keeper", "own"), ("watcher", "all")):
        shown = client.get(f"/v1/users/{found[key]}/entitlements", headers=anything).get_json()
        answer = client.get(f"/v1/files/{file_id}", headers={"Authorization": f"Bearer {tokens[key]}"})
        assert (shown["data"]["read"], answer.status_code) == (reach, 200 if reach == "all" else 404)
