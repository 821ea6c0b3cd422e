"""People keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.users.schema import UserSchema
from tests import builders
from tests.sandbox.resources.write_contract import BodyContract, Write

BAD_PROFILE = {
    "email": "nobody",
    "name": "",
    "given_name": 7,
    "family_name": ["x"],
    "department": "x" * 101,
    "title": "",
    "manager_id": "usr_nobody",
    "country": "de",
    "time_zone": "Europe Berlin",
    "is_external": "perhaps",
}


class TestUsers(BodyContract):
    path, scope, schema = "/v1/users", "users:read", UserSchema()
    filters = ("status=active", "status=staged")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/users",
            "users:write",
            "user.created",
            status=201,
            body=lambda: {"email": "ada@acme.example", "name": "Ada"},
            bad={**BAD_PROFILE, "type": "robot", "status": "deleted", "auth_method": "none"},
        ),
        Write(
            "update",
            "PATCH",
            lambda user_id: f"/v1/users/{user_id}",
            "users:write",
            "user.updated",
            status=200,
            body=lambda: {"title": "Engineer", "manager_id": builders.a_user().id, "country": "DE"},
            bad={**BAD_PROFILE, "id": "usr_other", "status": "suspended", "roles": ["administrator"]},
        ),
        Write("delete", "DELETE", lambda user_id: f"/v1/users/{user_id}", "users:write", "user.deleted"),
    )

    def make(self) -> str:
        user = builders.a_user()
        builders.a_factor(user.id)
        builders.an_assignment(user.id, "member")
        return user.id
