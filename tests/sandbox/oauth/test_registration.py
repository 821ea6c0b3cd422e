"""Clients that register themselves (RFC 7591): who may, what is answered, and that what was registered works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from authlib.oauth2.rfc7591 import ClientMetadataClaims
from authlib.oidc.registration import ClientMetadataClaims as OpenIdMetadataClaims
from joserfc.jwk import ECKey
from sqlalchemy import select

from sandbox.access.client import find_client
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.oauth import initial_access
from sandbox.oauth.models.client_registration import InitialAccessToken, Registration
from sandbox.resources.apps.model import App
from sandbox.settings import InvalidSetting, Settings
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, REGISTRATION, Journey, bearer

Logged = Callable[..., list[dict[str, Any]]]
Configured = Callable[..., None]
ADDRESS = "http://localhost/oauth/register"
KEY = ECKey.generate_key("P-256", parameters={"kid": "mine"})
JWKS = {"keys": [KEY.as_dict(private=False)]}


@pytest.mark.requirement("RFC 7591 §3.2.1", "MUST")
def test_everything_registered_is_told(visitor: Journey) -> None:
    """The answer has identifier, secret, both instants, all metadata, and where and with what to manage it."""
    answer = visitor.register()
    told = answer.get_json()
    assert (answer.status_code, answer.headers["Cache-Control"], answer.mimetype) == (
        201,
        "no-store",
        "application/json",
    )
    assert told["registration_client_uri"] == f"{ADDRESS}/{told['client_id']}"
    assert abs(told["client_id_issued_at"] - wall_seconds()) < 60
    assert (
        told.items()
        >= {
            "client_secret_expires_at": 0,
            "client_name": "Mine",
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["https://mine.example/callback"],
            "scope": "openid users:read",
            "application_type": "web",
            "id_token_signed_response_alg": "ES256",
        }.items()
    )


@pytest.mark.requirement("RFC 7591 §2", "MUST")
def test_answer_satisfies_judges_that_nobody_here_wrote(visitor: Journey) -> None:
    """Authlib's validators of RFC 7591 and OpenID Connect Registration accept the registered metadata."""
    pages = {name: f"https://mine.example/{name}" for name in ("client_uri", "logo_uri", "policy_uri", "tos_uri")}
    asked = {"contacts": ["me@mine.example"], "default_max_age": 600, "jwks": JWKS, "software_id": "mine", **pages}
    told = visitor.register(**asked).get_json()
    assert asked.items() <= told.items()
    for judge in (ClientMetadataClaims, OpenIdMetadataClaims):
        judge({**told, "token_endpoint_auth_signing_alg": "ES256"}, {}).validate()


@pytest.mark.requirement("RFC 7591 §2", "MUST")
def test_unknown_members_are_ignored_and_not_repeated(visitor: Journey) -> None:
    """Members that the server does not know are ignored, those that are null count as left out."""
    told = visitor.register(favorite_color="blue", **{"client_name#de": "Meiner"}, contacts=None).get_json()
    assert not {"favorite_color", "client_name#de", "contacts"} & told.keys()


@pytest.mark.requirement("RFC 7591 §3", "MUST")
def test_registered_client_goes_the_whole_way(go: Journey) -> None:
    """What was registered works: sign-in, consent, code, token, refresh."""
    told = go.register(redirect_uris=[CALLBACK], grant_types=["authorization_code", "refresh_token"]).get_json()
    auth = (told["client_id"], told["client_secret"])
    tokens = go.redeem(go.code(client_id=told["client_id"]), auth=auth).get_json()
    assert go.use(tokens["access_token"]) == 200
    assert go.refresh(tokens["refresh_token"], auth=auth).status_code == 200


@pytest.mark.requirement("RFC 8252 §7.1", "MUST")
def test_native_application_returns_to_a_scheme_of_its_own(go: Journey) -> None:
    """A public native client registers a reverse domain name as scheme, and gets its code there."""
    uri = "com.example.app:/callback"
    told = go.register(redirect_uris=[uri], application_type="native", token_endpoint_auth_method="none").get_json()
    assert not {"client_secret", "client_secret_expires_at"} & told.keys()
    code = go.code(client_id=told["client_id"], redirect_uri=uri)
    answer = go.redeem(code, auth=None, client_id=told["client_id"], redirect_uri=uri)
    assert answer.status_code == 200


@pytest.mark.requirement("RFC 7591 §3.2.1", "MUST")
@pytest.mark.parametrize("method", ["none", "private_key_jwt"])
def test_client_without_use_for_a_secret_gets_none(visitor: Journey, method: str) -> None:
    """A secret that nobody checks could only leak."""
    told = visitor.register(token_endpoint_auth_method=method, jwks=JWKS).get_json()
    assert not {"client_secret", "client_secret_expires_at"} & told.keys()


@pytest.mark.attack(43)
@pytest.mark.requirement("RFC 7591 §3", "MUST")
@pytest.mark.parametrize("token", [None, "wrong", REGISTRATION.upper(), "", "a b"])
def test_bad_initial_token_is_refused(visitor: Journey, token: str | None) -> None:
    """Attack 43: 401 with a challenge, which names an error only where there were credentials (RFC 6750 §3.1)."""
    answer = visitor.register(token)
    assert (answer.status_code, "client_id" in answer.get_json()) == (401, False)
    assert ('error="invalid_token"' in answer.headers["WWW-Authenticate"]) is bool(token)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")


def test_initial_token_of_another_scheme_or_place_is_none(visitor: Journey) -> None:
    """RFC 6750 §2.1: the header, and nowhere else."""
    body = {"redirect_uris": ["https://a.example/"], "access_token": REGISTRATION}
    for address, auth in (("/oauth/register", None), (f"/oauth/register?access_token={REGISTRATION}", ("a", "b"))):
        assert visitor.http.post(address, json=body, auth=auth).status_code == 401


def test_initial_token_works_until_it_expires_and_for_its_scope(go: Journey, acme: Acme) -> None:
    """Beyond the scope of its token nothing is registered; kept is a hash."""
    with acme():
        value = initial_access.issue("Somebody", frozenset({"users:read"}), seconds=100)
        token = db.session.scalars(select(InitialAccessToken).where(InitialAccessToken.name == "Somebody")).one()
        assert value not in {str(column) for column in vars(token).values()}
    assert go.register(value, scope="users:read").status_code == 201
    assert go.register(value, scope=None).get_json()["scope"] == "users:read"
    refused = go.register(value, scope="users:read audit:read")
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_client_metadata")
    with acme(), transaction() as session:
        session.get_one(InitialAccessToken, ("acme", token.id)).expires_at = wall_seconds()
    assert go.register(value, scope="users:read").status_code == 401


def test_initial_token_of_another_tenant_is_unknown(go: Journey, acme: Acme, another: Journey) -> None:
    with acme():
        value = initial_access.issue("Acme alone", frozenset({"openid"}))
    another.prefix = "/t/other"
    assert (go.register(value, scope="openid").status_code, another.register(value).status_code) == (201, 401)


def test_client_of_another_tenant_is_unknown(go: Journey, another: Journey) -> None:
    """The management address of the other tenant does not know it."""
    told = go.register().get_json()
    there = {**told, "registration_client_uri": f"http://localhost/t/other/oauth/register/{told['client_id']}"}
    assert (go.manage("GET", told).status_code, another.manage("GET", there).status_code) == (200, 401)


def test_open_registration_is_for_anybody_few_scopes_and_seldom(go: Journey, configured: Configured) -> None:
    """RFC 7591 §5: strangers get what no administrator is needed for, and are counted."""
    configured(registration="open")
    assert (
        go.register(None, scope=None).get_json()["scope"]
        == "openid profile email offline_access users:read groups:read"
    )
    assert go.register(None, scope="audit:read").get_json()["error"] == "invalid_client_metadata"
    assert go.register("wrong").status_code == 401
    statuses = [go.register(None).status_code for _ in range(40)]
    assert (statuses[0], statuses[-1]) == (201, 429)
    assert go.register(REGISTRATION, scope="audit:read").status_code == 201


@pytest.mark.parametrize("off", [{"registration": "off"}, {"oauth_off": ("registration",)}])
def test_registration_that_is_off_is_neither_served_nor_promised(
    go: Journey, configured: Configured, off: dict[str, Any]
) -> None:
    told = go.register().get_json()
    configured(**off)
    metadata = go.http.get("/.well-known/oauth-authorization-server").get_json()
    assert "registration_endpoint" not in metadata
    assert (go.register().status_code, go.manage("GET", told).status_code) == (404, 404)


def test_registration_is_promised_while_it_is_on(visitor: Journey) -> None:
    """RFC 8414 §2."""
    metadata = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    assert metadata["registration_endpoint"] == ADDRESS


def test_setting_that_is_no_choice_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="token, open, off"):
        Settings(registration="maybe")


def test_registration_is_logged_and_its_app_is_unverified(go: Journey, acme: Acme, logged: Logged) -> None:
    told = go.register(client_uri="https://mine.example/").get_json()
    (event,) = logged("oauth.client.registered")
    assert event["targets"] == [{"type": "client", "id": told["client_id"], "name": "Mine"}]
    assert event["actor"]["type"] == "client"
    with acme():
        app = db.session.scalars(select(App).where(App.client_id == told["client_id"])).one()
        assert (app.name, app.publisher_is_verified, app.publisher_website) == ("Mine", False, "https://mine.example/")
        assert (app.first_authorized_at, app.origin, app.permission_level) == (None, "external", "medium")
        assert find_client(told["client_id"]).app_id == app.id  # type: ignore[union-attr]


def test_secret_and_tokens_are_kept_as_hashes(go: Journey, acme: Acme) -> None:
    told = go.register().get_json()
    with acme():
        client, row = find_client(told["client_id"]), db.session.scalars(select(Registration)).one()
        kept = str([vars(client), vars(row)])
    assert not [name for name in ("client_secret", "registration_access_token") if told[name] in kept]


@pytest.mark.requirement("RFC 7591 §3", "MUST")
def test_own_form_of_credentials_is_refused(visitor: Journey) -> None:
    """Attack 43: a token of the API is no initial access token."""
    value = visitor.tokens()["access_token"]
    answer = visitor.http.post("/oauth/register", json={}, headers=bearer(value))
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")
