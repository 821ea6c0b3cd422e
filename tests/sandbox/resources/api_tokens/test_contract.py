"""API tokens keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.api_tokens.schema import ApiTokenSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestApiTokens(BodyContract):
    path, scope, schema = "/v1/api-tokens", "tokens:read", ApiTokenSchema()
    filters = ("type=personal", "type=service")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/api-tokens",
            "tokens:write",
            "api_key.created",
            status=201,
            body=lambda: {
                "name": "Report",
                "scopes": ["tokens:read"],
                "service_account_id": builders.a_service_account().id,
            },
            bad={
                "name": "",
                "scopes": ["users:write"],
                "service_account_id": "svc_none",
                "expires_at": "2020-01-01T00:00:00Z",
            },
        ),
        Write(
            "update",
            "PATCH",
            lambda token_id: f"/v1/api-tokens/{token_id}",
            "tokens:write",
            "api_key.updated",
            status=200,
            body=lambda: {"name": "Another name"},
            bad={"name": "x" * 101, "scopes": ["groups:read"], "expires_at": None},
        ),
        Write("revoke", "DELETE", lambda token_id: f"/v1/api-tokens/{token_id}", "tokens:write", "api_key.deleted"),
    )

    def make(self) -> str:
        return builders.an_api_token().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}
