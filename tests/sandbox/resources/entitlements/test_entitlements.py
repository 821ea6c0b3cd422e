"""Entitlements follow from roles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jsonschema
from flask.testing import FlaskClient

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
