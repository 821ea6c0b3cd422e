"""Network policies keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.network_policies.schema import NetworkPolicySchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestNetworkPolicies(BodyContract):
    path, scope, schema = "/v1/network-policies", "configuration:read", NetworkPolicySchema()
    filters = ("mode=allow", "mode=deny")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/network-policies",
            "configuration:write",
            "network_policy.created",
            status=201,
            body=lambda: {"name": "Offices", "applies_to": "administrators", "ranges": ["203.0.113.0/24"]},
            bad={
                "name": "",
                "applies_to": "somebody",
                "mode": "maybe",
                "ranges": ["203.0.113.1/24"],
                "is_enforced": "perhaps",
            },
        ),
        Write(
            "update",
            "PATCH",
            lambda policy_id: f"/v1/network-policies/{policy_id}",
            "configuration:write",
            "network_policy.updated",
            status=200,
            body=lambda: {"ranges": ["2001:db8::/32"]},
            bad={"ranges": ["203.0.113.1"], "mode": 1},
        ),
        Write(
            "delete",
            "DELETE",
            lambda policy_id: f"/v1/network-policies/{policy_id}",
            "configuration:write",
            "network_policy.deleted",
        ),
    )

    def make(self) -> str:
        return builders.a_network_policy().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}
