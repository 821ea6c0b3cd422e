"""How clients prove who they are (RFC 6749 §2.3 and §5.2)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient

from sandbox.access.client import find_client, hash_secret
from sandbox.access.scopes import API
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import touch
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, Journey

GRANT = {"grant_type": "client_credentials"}
Logged = Callable[..., list[dict[str, Any]]]


def basic(raw: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(raw).decode()}


@pytest.mark.attack(18)
@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
@pytest.mark.parametrize(
    "auth", [("demo-connector", "wrong"), ("demo-connector", ""), ("nobody", "demo-connector-secret"), ("", ""), None]
)
def test_failed_authentication_is_401_with_a_challenge(visitor: Journey, auth: tuple[str, str] | None) -> None:
    """RFC 6749 §5.2, RFC 9110 §15.5.2: in the same words whatever was wrong."""
    answer = visitor.token(auth=auth, **GRANT)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


def test_unknown_client_and_wrong_secret_are_told_apart_by_nobody(visitor: Journey) -> None:
    unknown, wrong = (visitor.token(auth=auth, **GRANT) for auth in (("nobody", "x"), ("demo-connector", "x")))
    assert unknown.get_json() == wrong.get_json()


@pytest.mark.requirement("RFC 7617 §2", "MUST")
@pytest.mark.parametrize(
    "headers",
    [
        basic(b"\xff\xfe:\xfd"),
        basic(b"no colon"),
        basic(b"demo-connector:\x00"),
        basic(b"\x00:demo-connector-secret"),
        basic(b"%00:demo-connector-secret"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic ===="},
        {"Authorization": "Basic ä"},
        {"Authorization": "Basic %"},
        {"Authorization": "Bearer abc"},
        {"Authorization": "Digest username=x"},
        {"Authorization": ""},
    ],
)
@pytest.mark.attack(22)
def test_malformed_header_is_401_and_never_500(visitor: Journey, headers: dict[str, str]) -> None:
    """RFC 7617 §2; the body must not be a way around it."""
    answer = visitor.http.post("/oauth/token", data={**GRANT, "client_id": "demo-native"}, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.attack(19)
@pytest.mark.requirement("RFC 6749 §2.3", "MUST")
def test_two_methods_at_once_are_refused(visitor: Journey) -> None:
    """RFC 6749 §2.3: a client must not use more than one in a request."""
    answer = visitor.token(auth=CONNECTOR, client_id=CONNECTOR[0], client_secret=CONNECTOR[1], **GRANT)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_client_id_of_another_client_is_refused(visitor: Journey) -> None:
    """Basic for A with body `client_id` B; the same client named twice is what some libraries send."""
    assert visitor.token(auth=CONNECTOR, client_id="demo-web", **GRANT).get_json()["error"] == "invalid_request"
    assert visitor.token(auth=CONNECTOR, client_id="demo-connector", **GRANT).status_code == 200


@pytest.mark.attack(20)
@pytest.mark.requirement("RFC 6749 §2.3.1", "MUST")
def test_credentials_in_the_query_are_not_read(visitor: Journey) -> None:
    """RFC 6749 §2.3.1: they must not be in the address."""
    query = {"client_id": CONNECTOR[0], "client_secret": CONNECTOR[1]}
    answer = visitor.http.post("/oauth/token", query_string=query, data=GRANT)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.attack(20)
@pytest.mark.requirement("RFC 6749 §3.2", "MUST")
def test_parameters_in_the_query_are_not_read(visitor: Journey) -> None:
    """RFC 6749 §3.2: the token endpoint takes its parameters from the body."""
    answer = visitor.http.post("/oauth/token", query_string=GRANT, data={"scope": "users:read"}, auth=CONNECTOR)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.requirement("RFC 7591 §2", "MUST")
def test_client_uses_only_the_method_it_is_registered_for(go: Journey, acme: Acme) -> None:
    """RFC 7591 §2: `token_endpoint_auth_method` binds, in both directions."""
    with acme():
        builders.a_client("poster", auth_method="client_secret_post")
    as_body = {"client_id": "poster", "client_secret": "secret"}
    assert go.token(auth=None, **as_body, **GRANT).status_code == 200
    assert go.token(auth=("poster", "secret"), **GRANT).status_code == 401
    assert go.token(auth=None, client_id=CONNECTOR[0], client_secret=CONNECTOR[1], **GRANT).status_code == 401


@pytest.mark.attack(21)
@pytest.mark.requirement("RFC 6749 §3.2.1", "MUST")
def test_confidential_client_without_its_secret_is_refused(visitor: Journey) -> None:
    """RFC 6749 §3.2.1; an empty secret is none (§3.1: no value counts as left out)."""
    assert visitor.token(auth=None, client_id="demo-connector", **GRANT).status_code == 401
    assert visitor.token(auth=None, client_id="demo-connector", client_secret="", **GRANT).status_code == 401


def test_disabled_client_is_refused_at_once(go: Journey, acme: Acme) -> None:
    """What is remembered of a client ends with the tenant's stamp."""
    assert go.token(auth=CONNECTOR, **GRANT).status_code == 200
    with acme(), transaction():
        client = find_client("demo-connector")
        assert client is not None
        client.status = "disabled"
        touch()
    assert go.token(auth=CONNECTOR, **GRANT).status_code == 401


@pytest.mark.requirement("RFC 6749 §2.3.1", "MUST")
@pytest.mark.parametrize("spelling", [str, quote_plus])
def test_secret_is_understood_as_it_is_and_form_encoded(
    go: Journey, acme: Acme, spelling: Callable[[str], str]
) -> None:
    """RFC 6749 §2.3.1 wants form-encoding inside Basic; curl and many others do without."""
    with acme():
        builders.a_client("odd", secret_hash=hash_secret("a+b%20c/d"))
    assert go.token(auth=("odd", spelling("a+b%20c/d")), **GRANT).status_code == 200


def test_refusal_is_logged_with_who_was_claimed(go: Journey, logged: Logged) -> None:
    """Somebody who tries secrets must be seen; nothing is proven, so nobody is the actor."""
    go.token(auth=("demo-connector", "wrong"), **GRANT)
    event = logged("oauth.token.refused")[-1]
    assert (event["actor"]["id"], event["targets"][0]["id"]) == (None, "demo-connector")
    assert event["outcome"] == {"result": "denied", "reason": "invalid_client"}


def test_client_of_another_tenant_is_unknown(app: Any, acme: Acme, go: Journey) -> None:
    with acme():
        builders.a_client("only-acme", scope=" ".join(API))
    elsewhere: FlaskClient = app.test_client()
    assert go.token(auth=("only-acme", "secret"), **GRANT).status_code == 200
    assert elsewhere.post("/t/other/oauth/token", data=GRANT, auth=("only-acme", "secret")).status_code == 401
