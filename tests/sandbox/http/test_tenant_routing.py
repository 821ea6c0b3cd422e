"""The tenant comes from the path only; the Host must be one of ours (rulings 4)."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from tests import builders

Token = Callable[..., dict[str, str]]


def test_default_tenant_lives_at_the_root_and_under_its_name(client: FlaskClient, token: Token) -> None:
    headers = token("roles:read")
    assert client.get("/v1/roles", headers=headers).status_code == 200


def test_other_tenant_lives_under_its_path(client: FlaskClient, token: Token) -> None:
    assert client.get("/t/other/v1/roles", headers=token("roles:read", tenant="other")).status_code == 200


def test_token_of_one_tenant_is_refused_by_another(client: FlaskClient, token: Token) -> None:
    assert client.get("/t/other/v1/roles", headers=token("roles:read")).status_code == 401
    assert client.get("/v1/roles", headers=token("roles:read", tenant="other")).status_code == 401


def test_unknown_tenant_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/t/nobody/v1/roles")
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_unknown_host_is_misdirected(client: FlaskClient) -> None:
    answer = client.get("/v1/roles", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json["code"]) == (421, "misdirected-request")
    assert "evil.example" not in answer.text


def test_challenge_names_the_tenant_s_own_metadata(client: FlaskClient) -> None:
    """RFC 9728 §3.1: the well-known name comes before the path of the resource."""
    challenge = client.get("/t/other/v1/roles").headers["WWW-Authenticate"]
    assert 'resource_metadata="http://localhost/.well-known/oauth-protected-resource/t/other/v1"' in challenge


def test_same_id_in_two_tenants_names_two_things(app, client: FlaskClient, token: Token) -> None:  # type: ignore[no-untyped-def]
    from sandbox.foundation.tenancy import enter

    with app.app_context():
        for tenant in ("acme", "other"):
            with enter(tenant):
                builders.a_role(id="rol_1", name=tenant)
    assert client.get("/v1/roles/rol_1", headers=token("roles:read")).json["name"] == "acme"
    assert client.get("/t/other/v1/roles/rol_1", headers=token("roles:read", tenant="other")).json["name"] == "other"
