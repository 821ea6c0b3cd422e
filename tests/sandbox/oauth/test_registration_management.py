"""Clients that manage themselves (RFC 7592): read, replace, delete, each with the token of that one client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sandbox.access.client import find_client
from sandbox.resources.apps import service as apps
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, REGISTRATION, Journey

Logged = Callable[..., list[dict[str, Any]]]
OURS = {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}


def replaced(go: Journey, told: dict[str, Any], token: str | None = None, **changes: Any) -> TestResponse:
    """Replace the registration with itself and some changes; None leaves a member out."""
    given = {name: value for name, value in {**told, **changes}.items() if value is not None and name not in OURS}
    return go.manage("PUT", told, token, json=given)


@pytest.mark.requirement("RFC 7592 §2.1", "MUST")
def test_client_reads_its_registration(visitor: Journey) -> None:
    """All metadata with the token and the address, but not the secret, of which a hash is kept."""
    told = visitor.register().get_json()
    answer = visitor.manage("GET", told)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.get_json() == {name: value for name, value in told.items() if name != "client_secret"}


@pytest.mark.attack(43)
@pytest.mark.requirement("RFC 7592 §2", "MUST")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_token_of_another_client_is_refused(visitor: Journey, method: str) -> None:
    """Attack 43, and Authlib before 1.9: a registration access token is bound to its client, an initial one to none."""
    mine, other = visitor.register().get_json(), visitor.register().get_json()
    for token in (other["registration_access_token"], REGISTRATION, "wrong", visitor.tokens()["access_token"]):
        answer = visitor.manage(method, mine, token, json={"client_id": mine["client_id"]})
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")
    assert visitor.manage("GET", mine).status_code == 200


@pytest.mark.parametrize("client_id", ["unknown", "demo-web", "%00", "a%2Fb", "ü" * 400])
def test_unknown_client_cannot_be_told_from_a_wrong_token(visitor: Journey, client_id: str) -> None:
    """RFC 7592 §2.1: 401; an address that holds U+0000 or a slash is none at all."""
    told = visitor.register().get_json()
    answer = visitor.manage("GET", {**told, "registration_client_uri": f"/oauth/register/{client_id}"})
    assert answer.status_code == (404 if "%" in client_id else 401)


def test_missing_token_gets_a_challenge_without_an_error_code(visitor: Journey) -> None:
    """RFC 6750 §3.1; the document has one all the same, as every error document of OAuth does."""
    answer = visitor.http.get("/oauth/register/anything")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="harbor"')
    assert answer.get_json()["error"] == "invalid_token"


@pytest.mark.requirement("RFC 7592 §2.2", "MUST")
def test_update_replaces_everything_and_the_token(visitor: Journey) -> None:
    """What is left out gets its default; the old token is void, the secret stays."""
    told = visitor.register(contacts=["me@mine.example"], default_max_age=60).get_json()
    auth = (told["client_id"], told["client_secret"])
    answer = replaced(visitor, told, contacts=None, default_max_age=None, client_name="Renamed", client_secret=None)
    after = answer.get_json()
    assert (answer.status_code, after["client_name"], "contacts" in after, "default_max_age" in after) == (
        200,
        "Renamed",
        False,
        False,
    )
    assert after["registration_access_token"] != told["registration_access_token"]
    assert visitor.manage("GET", told).status_code == 401
    assert visitor.manage("GET", after).get_json()["client_name"] == "Renamed"
    assert visitor.http.post("/oauth/revoke", data={"token": "x"}, auth=auth).status_code == 200


def test_secret_that_a_public_client_is_given_is_in_the_log(go: Journey, logged: Logged) -> None:
    told = go.register(token_endpoint_auth_method="none").get_json()
    confidential = replaced(go, told, token_endpoint_auth_method="client_secret_basic").get_json()
    replaced(go, confidential, client_name="Renamed")
    (event,) = logged("oauth.client.secret_added")
    assert event["targets"][0]["id"] == told["client_id"]
    assert confidential["client_secret"] not in str(event)


@pytest.mark.requirement("RFC 7592 §2.2", "MUST")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "demo-web"},
        {"client_id": 7},
        {"client_secret": "mine-now"},
        {"client_secret": ""},
        {"client_secret": 7},
        {"scope": "users:eat"},
        {"jwks": {"keys": []}},
    ],
)
def test_update_that_may_not_be_changes_nothing(visitor: Journey, changes: dict[str, Any]) -> None:
    """It must carry the identifier, and may carry the present secret, but none of its own."""
    told = visitor.register().get_json()
    before = visitor.manage("GET", told).get_json()
    refused = replaced(visitor, told, **changes)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_client_metadata")
    assert visitor.manage("GET", told).get_json() == before


@pytest.mark.requirement("RFC 7592 §2.2", "MUST")
@pytest.mark.parametrize("name", sorted(OURS))
def test_update_may_not_carry_what_the_server_sets(visitor: Journey, name: str) -> None:
    told = visitor.register().get_json()
    given = {"client_id": told["client_id"], "redirect_uris": told["redirect_uris"], name: told[name]}
    assert visitor.manage("PUT", told, json=given).get_json()["error"] == "invalid_client_metadata"


def test_update_cannot_go_beyond_what_the_registration_was_for(go: Journey, configured: Callable[..., None]) -> None:
    """A stranger's client stays within the scopes of strangers."""
    configured(registration="open")
    told = go.register(None).get_json()
    assert replaced(go, told, scope="openid audit:read").get_json()["error"] == "invalid_client_metadata"


def test_secret_comes_and_goes_with_the_method_that_needs_it(visitor: Journey) -> None:
    told = visitor.register(token_endpoint_auth_method="none").get_json()
    confidential = replaced(visitor, told, token_endpoint_auth_method="client_secret_basic").get_json()
    assert (len(confidential["client_secret"]), confidential["client_secret_expires_at"]) == (43, 0)
    echoed = replaced(visitor, confidential).get_json()
    assert echoed["client_secret"] == confidential["client_secret"]
    public = replaced(visitor, echoed, token_endpoint_auth_method="none").get_json()
    assert not {"client_secret", "client_secret_expires_at"} & public.keys()


def test_update_counts_on_the_next_request(go: Journey) -> None:
    """Tokens lose what the client is no longer registered for."""
    told = go.register(scope="users:read roles:read", grant_types=["client_credentials"], redirect_uris=None).get_json()
    auth = (told["client_id"], told["client_secret"])
    token = go.token(auth=auth, grant_type="client_credentials").get_json()["access_token"]
    assert go.use(token, "/v1/roles") == 200
    assert replaced(go, told, scope="users:read").status_code == 200
    assert (go.use(token, "/v1/roles"), go.use(token, "/v1/users")) == (403, 200)


@pytest.mark.requirement("RFC 7592 §2.3", "MUST")
def test_deleted_client_is_gone_with_all_of_its_tokens(go: Journey, acme: Acme, logged: Logged) -> None:
    """204, and afterwards its tokens, codes, credentials and registration access token are worth nothing."""
    told = go.register(redirect_uris=[CALLBACK], grant_types=["authorization_code", "refresh_token"]).get_json()
    auth, client_id = (told["client_id"], told["client_secret"]), told["client_id"]
    tokens = go.redeem(go.code(client_id=client_id), auth=auth).get_json()
    code = go.code(client_id=client_id)
    answer = go.manage("DELETE", told)
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (204, b"", "no-store")
    assert go.use(tokens["access_token"]) == 401
    for refused in (go.refresh(tokens["refresh_token"], auth=auth), go.redeem(code, auth=auth)):
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
    assert [go.manage(method, told).status_code for method in ("GET", "DELETE")] == [401, 401]
    with acme():
        assert find_client(client_id) is None
    (revoked,) = logged("oauth.token.revoked")
    assert revoked["details"] == {"families": 2, "cause": "client deleted"}


def test_deleted_client_does_not_come_back_with_its_app(go: Journey, acme: Acme) -> None:
    """An administrator may enable the app, for whose client nobody can speak any longer."""
    told = go.register().get_json()
    with acme():
        app_id = apps.for_client(told["client_id"]).id
    go.manage("DELETE", told)
    with acme():
        assert apps.find(app_id).status == "disabled"
        apps.enable(app_id)
    assert go.manage("GET", told).status_code == 401


def test_disabled_client_may_not_manage_itself(go: Journey, acme: Acme) -> None:
    """RFC 7592 §2.1: 403, so that it cannot undo what an administrator did."""
    told = go.register().get_json()
    with acme():
        apps.disable(apps.for_client(told["client_id"]).id)
    for method in ("GET", "PUT", "DELETE"):
        answer = go.manage(method, told, json={"client_id": told["client_id"]})
        assert (answer.status_code, answer.get_json()["error"]) == (403, "access_denied")


def test_management_is_logged_with_who_and_what(go: Journey, logged: Logged) -> None:
    told = go.register().get_json()
    after = replaced(go, told, client_name="Renamed", scope="openid").get_json()
    go.manage("DELETE", after)
    updated, deleted = logged("oauth.client.updated", "oauth.client.deleted")
    assert updated["changes"] == [
        {"field": "client_name", "old": "Mine", "new": "Renamed"},
        {"field": "scope", "old": "openid users:read", "new": "openid"},
    ]
    assert {event["actor"]["id"] for event in (updated, deleted)} == {told["client_id"]}
    assert told["registration_access_token"] not in str(logged())


def test_app_follows_its_client(go: Journey, acme: Acme) -> None:
    told = go.register().get_json()
    replaced(go, told, client_name="Renamed", scope="openid")
    with acme():
        app = apps.for_client(told["client_id"])
        assert (app.name, app.scope, app.permission_level) == ("Renamed", "openid", "low")
