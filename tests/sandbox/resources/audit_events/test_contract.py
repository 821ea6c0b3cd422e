"""The audit log keeps the contract of every resource; it begins with the newest event unless it is asked otherwise."""

from __future__ import annotations

from typing import Any

import orjson
from flask.testing import FlaskClient

from sandbox.resources.audit_events import storage
from sandbox.resources.audit_events.schema import EventSchema
from sandbox.resources.audit_events.service import record
from tests.sandbox.resources.contract import Headers, ResourceContract, Token


class TestAuditEvents(ResourceContract):
    path, scope, schema = "/v1/audit-events", "audit:read", EventSchema()
    filters = ("action=file.viewed", "action=file.deleted")

    def make(self) -> str:
        record("file.viewed")
        *_, (_, body) = storage.walk(storage.read_head())
        return str(orjson.loads(body)["id"])

    def order(self, row: dict[str, Any]) -> Any:
        return -row["integrity"]["sequence"]

    def test_list_refuses_a_cursor_of_another_resource(
        self, client: FlaskClient, reader: Headers, token: Token
    ) -> None:
        theirs = client.get("/dialects/cursor/audit-events?limit=1", headers=reader).get_json()["page"]["next_cursor"]
        answer = self.pager.go_on(client, reader, self.path, theirs)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-cursor")
