"""Security contacts keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.security_contacts.schema import SecurityContactSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestSecurityContacts(BodyContract):
    path, scope, schema = "/v1/security-contacts", "configuration:read", SecurityContactSchema()
    filters = ("email=a@acme.example", "email=b@acme.example")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: "/v1/security-contacts",
            "configuration:write",
            "security_contact.created",
            status=201,
            body=lambda: {"name": "On call", "email": "security@acme.example", "purposes": ["incident"]},
            bad={"name": "", "email": "nobody", "phone": "110", "purposes": ["gossip"]},
        ),
        Write(
            "update",
            "PATCH",
            lambda id_: f"/v1/security-contacts/{id_}",
            "configuration:write",
            "security_contact.updated",
            status=200,
            body=lambda: {"phone": "+4989123456"},
            bad={"purposes": [], "email": None},
        ),
        Write(
            "delete",
            "DELETE",
            lambda id_: f"/v1/security-contacts/{id_}",
            "configuration:write",
            "security_contact.deleted",
        ),
    )

    def make(self) -> str:
        return builders.a_security_contact().id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}
