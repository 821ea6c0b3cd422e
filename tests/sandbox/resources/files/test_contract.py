"""Files keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.foundation.clock import now
from sandbox.resources.files.model import File
from sandbox.resources.files.schema import FileSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


def _trashed(file_id: str) -> str:
    with builders.transaction() as session:
        session.get_one(File, (builders.current_tenant_id(), file_id)).deleted_at = now()
    return f"/v1/files/{file_id}/restore"


def _shared(file_id: str) -> str:
    builders.a_share(file_id)
    return f"/v1/files/{file_id}/unshare"


class TestFiles(BodyContract):
    path, scope, schema = "/v1/files", "files:read", FileSchema()
    filters = ("sharing=private", "sharing=public")
    writes = (
        Write(
            "upload",
            "POST",
            lambda _: "/v1/files",
            "files:write",
            "file.uploaded",
            status=201,
            body=lambda: {"name": "Plan.docx", "owner_id": builders.a_user().id},
            bad={
                "name": "a/b",
                "folder": "Plans",
                "project_id": "prj_none",
                "owner_id": "usr_none",
                "size": -1,
                "type": "docx",
                "labels": ["Not a slug"],
            },
        ),
        Write(
            "update",
            "PATCH",
            lambda file_id: f"/v1/files/{file_id}",
            "files:write",
            "file.renamed",
            status=200,
            body=lambda: {"name": "Other.docx", "folder": "/Plans/2026"},
            bad={"name": "", "folder": "/Plans/", "labels": "confidential"},
        ),
        Write("delete", "DELETE", lambda file_id: f"/v1/files/{file_id}", "files:write", "file.deleted"),
        Write("restore", "POST", _trashed, "files:write", "file.restored", status=200),
        Write(
            "share",
            "POST",
            lambda file_id: f"/v1/files/{file_id}/share",
            "files:write",
            "file.shared",
            status=201,
            body=lambda: {"scope": "people", "recipient": "office@ondine.example"},
            bad={"scope": "everybody", "recipient": "office", "expires_at": "2020-01-01T00:00:00Z"},
        ),
        Write(
            "unshare",
            "POST",
            _shared,
            "files:write",
            "file.unshared",
            status=200,
            body=lambda: {"scope": "organization"},
            bad={"scope": "everybody", "share_id": ""},
        ),
        Write(
            "download",
            "GET",
            lambda file_id: f"/v1/files/{file_id}/download",
            "files:read",
            "file.downloaded",
            status=200,
        ),
    )

    def make(self) -> str:
        project = builders.a_project()
        return builders.a_file(project.owner_id, project_id=project.id, labels=["internal"]).id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        etag = client.get(path, headers=headers).headers.get("ETag", '"none"') if write.method == "PATCH" else '"none"'
        return {**headers, "If-Match": etag}
