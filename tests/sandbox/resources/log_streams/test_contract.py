"""Log streams keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.log_streams.schema import LogStreamSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestLogStreams(BodyContract):
    path, scope, schema = "/v1/log-streams", "configuration:read", LogStreamSchema()
    filters = ("status=enabled", "status=disabled")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/log-streams",
            "configuration:write",
            "log_stream.created",
            status=201,
            body=lambda: {
                "name": "SIEM",
                "type": "https",
                "destination": "https://siem.acme.example/harbor",
                "categories": ["access"],
            },
            bad={
                "name": "",
                "type": "pigeon",
                "destination": "https://user:pass@siem.acme.example/",
                "categories": ["gossip"],
            },
        ),
        Write(
            "update",
            "PATCH",
            lambda id_: f"/v1/log-streams/{id_}",
            "configuration:write",
            "log_stream.updated",
            status=200,
            body=lambda: {"categories": ["file"]},
            bad={"status": "paused", "destination": "siem", "type": "https"},
        ),
        Write("delete", "DELETE", lambda id_: f"/v1/log-streams/{id_}", "configuration:write", "log_stream.deleted"),
    )

    def make(self) -> str:
        return builders.a_log_stream().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}
