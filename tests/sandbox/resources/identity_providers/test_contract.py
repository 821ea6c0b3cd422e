"""Identity providers keep the contract of every resource."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.identity_providers.schema import IdentityProviderSchema
from tests import builders
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write

PATH = "/v1/identity-providers"


def _exempt_from(provider_id: str) -> str:
    user = builders.a_user()
    builders.an_exemption(provider_id, user.id)
    return f"{PATH}/{provider_id}/exemptions/{user.id}"


class TestIdentityProviders(BodyContract):
    path, scope, schema = PATH, "configuration:read", IdentityProviderSchema()
    filters = ("protocol=oidc", "protocol=saml")
    writes = (
        Write(
            "create",
            "POST",
            lambda _: PATH,
            "configuration:write",
            "identity_provider.created",
            status=201,
            body=lambda: {
                "name": "Acme",
                "protocol": "saml",
                "issuer": "urn:acme",
                "sign_in_url": "https://idp.acme.example/sso",
            },
            bad={
                "name": "",
                "protocol": "kerberos",
                "issuer": "",
                "sign_in_url": "http://idp.acme.example/",
                "metadata_url": "ftp://idp.acme.example/",
                "certificate": "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----",
                "is_enabled": None,
            },
        ),
        Write(
            "update",
            "PATCH",
            lambda id_: f"{PATH}/{id_}",
            "configuration:write",
            "identity_provider.updated",
            status=200,
            body=lambda: {"is_enabled": False},
            bad={"certificate": "none", "issuer": "urn:other", "sign_in_url": None},
        ),
        Write("delete", "DELETE", lambda id_: f"{PATH}/{id_}", "configuration:write", "identity_provider.deleted"),
        Write(
            "exempt",
            "POST",
            lambda id_: f"{PATH}/{id_}/exemptions",
            "configuration:write",
            "identity_provider.exemption.added",
            body=lambda: {"user_id": builders.a_user().id, "reason": "Opens the door."},
            bad={"user_id": "", "reason": ""},
        ),
        Write("end_exemption", "DELETE", _exempt_from, "configuration:write", "identity_provider.exemption.removed"),
    )

    def make(self) -> str:
        provider = builders.an_identity_provider()
        builders.an_exemption(provider.id, builders.a_user().id)
        return provider.id

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        if write.method != "PATCH":
            return headers
        return {**headers, "If-Match": client.get(path, headers=headers).headers.get("ETag", '"none"')}
