"""Bulk exports keep the contract of every resource."""

from __future__ import annotations

from sandbox.foundation.clock import now
from sandbox.resources.exports.schema import ExportSchema
from tests import builders
from tests.sandbox.resources.write_contract import BodyContract, Write


def _completed(_: str) -> str:
    return f"/v1/exports/{builders.an_export(completed_at=now(), ready_at=now()).id}/download"


class TestExports(BodyContract):
    path, scope, schema = "/v1/exports", "exports:read", ExportSchema()
    filters = ("status=running", "status=completed")
    writes = (
        Write(
            "start",
            "POST",
            lambda _: "/v1/exports",
            "exports:write users:read",
            "export.started",
            status=202,
            body=lambda: {"kind": "users", "format": "jsonl"},
            bad={"kind": "secrets", "format": "xml", "project_id": "prj_none"},
        ),
        Write(
            "cancel",
            "POST",
            lambda export_id: f"/v1/exports/{export_id}/cancel",
            "exports:write",
            "export.cancelled",
            status=200,
        ),
        Write("download", "GET", _completed, "exports:write users:read", "export.downloaded", status=200),
    )

    def make(self) -> str:
        return builders.an_export().id
