"""Groups keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.groups.schema import GroupSchema
from tests import builders
from tests.sandbox.resources.write_contract import BodyContract, Write


def _member_of(group_id: str) -> str:
    user = builders.a_user()
    builders.a_membership(group_id, user.id)
    return f"/v1/groups/{group_id}/members/{user.id}"


class TestGroups(BodyContract):
    path, scope, schema = "/v1/groups", "groups:read", GroupSchema()
    filters = ("type=team", "type=security")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/groups",
            "groups:write",
            "group.created",
            status=201,
            body=lambda: {"name": "Robotics"},
            bad={"name": "", "description": None, "type": "crowd"},
        ),
        Write(
            "update",
            "PATCH",
            lambda group_id: f"/v1/groups/{group_id}",
            "groups:write",
            "group.updated",
            status=200,
            body=lambda: {"description": "Everybody who builds."},
            bad={"name": 7, "description": "x" * 2001, "type": ""},
        ),
        Write("delete", "DELETE", lambda group_id: f"/v1/groups/{group_id}", "groups:write", "group.deleted"),
        Write(
            "add_member",
            "POST",
            lambda group_id: f"/v1/groups/{group_id}/members",
            "groups:write",
            "group.member.added",
            body=lambda: {"user_id": builders.a_user().id},
            bad={"user_id": None},
        ),
        Write("remove_member", "DELETE", _member_of, "groups:write", "group.member.removed"),
    )

    def make(self) -> str:
        group = builders.a_group()
        builders.a_membership(group.id, builders.a_user().id)
        return group.id
