"""Roles keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.roles.schema import RoleSchema
from sandbox.resources.roles.service import find
from tests import builders
from tests.sandbox.resources.write_contract import BodyContract, Write


def _holder_of(role_id: str) -> str:
    user = builders.a_user()
    builders.an_assignment(user.id, find(role_id).key)
    return f"/v1/roles/{role_id}/members/{user.id}"


class TestRoles(BodyContract):
    path, scope, schema = "/v1/roles", "roles:read", RoleSchema()
    filters = ("key=a", "key=b")
    writes = (
        Write(
            "grant",
            "POST",
            lambda role_id: f"/v1/roles/{role_id}/members",
            "roles:write",
            "user.role.granted",
            body=lambda: {"user_id": builders.a_user().id},
            bad={"user_id": 7},
        ),
        Write("revoke", "DELETE", _holder_of, "roles:write", "user.role.revoked"),
    )

    def make(self) -> str:
        return builders.a_role().id
