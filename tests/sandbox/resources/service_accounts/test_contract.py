"""Service accounts keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.service_accounts.schema import ServiceAccountSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestServiceAccounts(BodyContract):
    path, scope, schema = "/v1/service-accounts", "users:read", ServiceAccountSchema()
    filters = ("type=agent", "type=integration")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/service-accounts",
            "users:write",
            "user.created",
            status=201,
            body=lambda: {"name": "Backup", "type": "automation", "owner_id": builders.a_user().id},
            bad={"name": "", "type": "robot", "owner_id": "usr_nobody", "description": None},
        ),
        Write(
            "update",
            "PATCH",
            lambda account_id: f"/v1/service-accounts/{account_id}",
            "users:write",
            "user.updated",
            status=200,
            body=lambda: {"description": "Copies files at night."},
            bad={"name": 7, "type": "", "owner_id": 1},
        ),
        Write("delete", "DELETE", lambda id_: f"/v1/service-accounts/{id_}", "users:write", "user.deleted"),
    )

    def make(self) -> str:
        account = builders.a_service_account(owner_id=builders.a_user().id)
        builders.an_assignment(account.user_id, builders.a_role().key)
        return account.id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}
