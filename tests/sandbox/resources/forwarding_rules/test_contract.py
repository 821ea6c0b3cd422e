"""Forwarding rules keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.forwarding_rules.schema import ForwardingRuleSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestForwardingRules(BodyContract):
    path, scope, schema = "/v1/forwarding-rules", "files:read", ForwardingRuleSchema()
    filters = ("is_external=true", "is_external=false")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/forwarding-rules",
            "files:write",
            "forwarding_rule.created",
            status=201,
            body=lambda: {"user_id": builders.a_user().id, "address": "team@acme.example"},
            bad={"user_id": "usr_none", "address": "team", "content": "secrets"},
        ),
        Write(
            "update",
            "PATCH",
            lambda rule_id: f"/v1/forwarding-rules/{rule_id}",
            "files:write",
            "forwarding_rule.updated",
            status=200,
            body=lambda: {"content": "everything", "is_enabled": False},
            bad={"content": "", "is_enabled": None},
        ),
        Write("delete", "DELETE", lambda id_: f"/v1/forwarding-rules/{id_}", "files:write", "forwarding_rule.deleted"),
    )

    def make(self) -> str:
        return builders.a_forwarding_rule().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        etag = client.get(path, headers=headers).headers.get("ETag", '"none"')
        return {**headers, "If-Match": etag}
