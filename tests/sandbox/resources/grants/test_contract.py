"""Grants keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.grants.schema import GrantSchema
from tests import builders
from tests.sandbox.resources.write_contract import WritableContract, Write


class TestGrants(WritableContract):
    path, scope, schema = "/v1/grants", "grants:read", GrantSchema()
    filters = ("status=active", "status=revoked")
    writes = (
        Write("revoke", "DELETE", lambda grant_id: f"/v1/grants/{grant_id}", "grants:write", "oauth.grant.revoked"),
    )

    def make(self) -> str:
        return builders.a_grant(builders.a_user().id, builders.an_app().id).id
