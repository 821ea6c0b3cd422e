"""Projects keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.projects.schema import ProjectSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


def _member_of(project_id: str) -> str:
    user = builders.a_user()
    builders.a_project_member(project_id, user.id)
    return f"/v1/projects/{project_id}/members/{user.id}"


class TestProjects(BodyContract):
    path, scope, schema = "/v1/projects", "files:read", ProjectSchema()
    filters = ("visibility=private", "visibility=organization")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/projects",
            "files:write",
            "project.created",
            status=201,
            body=lambda: {"name": "Albatross", "owner_id": builders.a_user().id},
            bad={"name": "", "description": None, "visibility": "everybody", "owner_id": "usr_none"},
        ),
        Write(
            "update",
            "PATCH",
            lambda project_id: f"/v1/projects/{project_id}",
            "files:write",
            "project.updated",
            status=200,
            body=lambda: {"visibility": "organization", "is_archived": True},
            bad={"name": 7, "description": "x" * 2001, "visibility": "", "is_archived": None, "owner_id": "usr_none"},
        ),
        Write(
            "add_member",
            "POST",
            lambda project_id: f"/v1/projects/{project_id}/members",
            "files:write",
            "project.member.added",
            body=lambda: {"user_id": builders.a_user().id},
            bad={"user_id": None},
        ),
        Write("remove_member", "DELETE", _member_of, "files:write", "project.member.removed"),
    )

    def make(self) -> str:
        return builders.a_project().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        etag = client.get(path, headers=headers).headers.get("ETag", '"none"')
        return {**headers, "If-Match": etag}
