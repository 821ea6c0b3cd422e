"""What the server says about itself, and that it is true (RFC 8414, OpenID Connect Discovery, RFC 9728, RFC 7517)."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9101.discovery import AuthorizationServerMetadata as RequestObjectMetadata
from authlib.oauth2.rfc9207.discovery import AuthorizationServerMetadata as IssuerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from sandbox.oauth.server import server
from tests.sandbox.oauth.journey import CONNECTOR, Journey

JUDGES = [RequestObjectMetadata, IssuerMetadata]


def read(go: Journey, path: str) -> dict[str, Any]:
    answer = go.http.get(path)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (
        200,
        "application/json",
        "public, max-age=60",
    )
    document: dict[str, Any] = answer.get_json()
    return document


def over_https(document: dict[str, Any]) -> dict[str, Any]:
    """The judges insist on https, which a test server has not."""
    return {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in document.items()
    }


@pytest.mark.parametrize("name", ["authorization-server", "protected-resource/v1", "configuration", "keys"])
def test_pages_of_other_origins_may_read_what_is_public(visitor: Journey, name: str) -> None:
    """Browser-based clients begin with discovery; what takes credentials stays closed to other origins."""
    address = {"keys": "/oauth/jwks", "configuration": "/.well-known/openid-configuration"}
    public = visitor.http.get(address.get(name, f"/.well-known/oauth-{name}"), headers={"Origin": "https://a.example"})
    assert (public.status_code, public.headers["Access-Control-Allow-Origin"]) == (200, "*")
    for closed in ("/oauth/token", "/oauth/register", "/oauth/introspect"):
        answer = visitor.http.post(closed, headers={"Origin": "https://a.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.requirement("RFC 8414 §2", "MUST")
def test_server_metadata_is_valid(visitor: Journey) -> None:
    """RFC 8414 §2, judged by Authlib's validators, which cover PKCE, revocation, introspection and `iss` too."""
    document = over_https(read(visitor, "/.well-known/oauth-authorization-server"))
    AuthorizationServerMetadata(document).validate(metadata_classes=JUDGES)
    assert document["authorization_response_iss_parameter_supported"] is True


@pytest.mark.requirement("OpenID Connect Discovery §3", "MUST")
def test_provider_metadata_is_valid(visitor: Journey) -> None:
    """RS256 is offered, and everything else is as Authlib's validator wants it."""
    document = over_https(read(visitor, "/.well-known/openid-configuration"))
    assert document["id_token_signing_alg_values_supported"] == ["ES256", "RS256", "EdDSA"]
    OpenIDProviderMetadata(document).validate(metadata_classes=JUDGES)


def test_both_documents_agree(visitor: Journey) -> None:
    server_document = read(visitor, "/.well-known/oauth-authorization-server")
    assert server_document.items() <= read(visitor, "/.well-known/openid-configuration").items()


def test_promised_grants_are_the_registered_ones(visitor: Journey) -> None:
    registered = {grant.GRANT_TYPE for grant, _ in server._token_grants}
    assert set(read(visitor, "/.well-known/oauth-authorization-server")["grant_types_supported"]) == registered


def test_every_promised_address_answers(visitor: Journey) -> None:
    document = read(visitor, "/.well-known/openid-configuration")
    addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri", "_documentation"))]
    for address in addresses:
        assert visitor.http.get(address.removeprefix("http://localhost")).status_code != 404
    assert len(addresses) >= 7


@pytest.mark.requirement("RFC 8414 §3.1", "MUST")
@pytest.mark.requirement("OpenID Connect Discovery §4", "MUST")
@pytest.mark.parametrize(
    ("path", "issuer"),
    [
        ("/.well-known/{}", "http://localhost"),
        ("/.well-known/{}/t/other", "http://localhost/t/other"),
        ("/t/other/.well-known/{}", "http://localhost/t/other"),
    ],
)
@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
def test_each_tenant_has_an_issuer_of_its_own(visitor: Journey, path: str, issuer: str, name: str) -> None:
    """RFC 8414 §3.1 puts the issuer's path behind the name, OpenID Connect Discovery §4 before it."""
    document = read(visitor, path.format(name))
    assert (document["issuer"], document["token_endpoint"]) == (issuer, f"{issuer}/oauth/token")


@pytest.mark.requirement("RFC 9728 §5", "MUST")
@pytest.mark.parametrize("tenant_path", ["", "/t/other"])
def test_unauthenticated_client_finds_its_way(visitor: Journey, tenant_path: str) -> None:
    """RFC 9728 §5: from the 401 to the resource's metadata, to the server's, to a token that works."""
    challenge = visitor.http.get(f"{tenant_path}/v1/roles").headers["WWW-Authenticate"]
    address = challenge.split('resource_metadata="')[1].split('"')[0].removeprefix("http://localhost")
    resource = read(visitor, address)
    assert resource["resource"] == f"http://localhost{tenant_path}/v1"
    issuer = resource["authorization_servers"][0].removeprefix("http://localhost")
    document = read(visitor, f"/.well-known/oauth-authorization-server{issuer}")
    form = {"grant_type": "client_credentials", "resource": resource["resource"]}
    endpoint = document["token_endpoint"].removeprefix("http://localhost")
    value = visitor.http.post(endpoint, data=form, auth=CONNECTOR).get_json()["access_token"]
    assert visitor.use(value, f"{tenant_path}/v1/roles") == 200
