"""A device without a browser is let in by somebody who has one (RFC 8628): what the device asks and hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from sqlalchemy import select, update

from sandbox.access.keys import public_keys
from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.oauth.models.device_code import DeviceCode
from sandbox.resources.grants import service as grants
from sandbox.resources.grants.model import Grant
from sandbox.resources.users import service as users
from sandbox.settings import Settings
from tests import builders
from tests.sandbox.oauth.at_once import EXACTLY_ONE, all_at_once, outcomes
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import DEVICE_CODE, USER, WEB, Journey

Logged = Callable[..., list[dict[str, Any]]]


def waiting(go: Journey, **changes: str | None) -> dict[str, Any]:
    """The codes of a device that asked."""
    answer: dict[str, Any] = go.ask_as_device(**changes).get_json()
    return answer


def approved(go: Journey, **changes: str | None) -> str:
    """The code of a device that somebody let in."""
    go.sign_in()
    codes = waiting(go, **changes)
    assert go.decide_device(codes["user_code"]).status_code == 303
    return str(codes["device_code"])


def error_of(go: Journey, device_code: str, **changes: Any) -> str:
    answer = go.poll(device_code, **changes)
    assert answer.status_code == 400, answer.get_json()
    return str(answer.get_json()["error"])


@pytest.fixture
def later(acme: Acme) -> Callable[[int], None]:
    """Let seconds pass for every device that waits."""

    def wait(seconds: int) -> None:
        past = {"expires_at": DeviceCode.expires_at - seconds, "polled_at": DeviceCode.polled_at - seconds}
        with acme(), transaction() as session:
            session.execute(update(DeviceCode).values(**past))

    return wait


@pytest.mark.requirement("RFC 8628 §3.2", "MUST")
def test_device_gets_two_codes_and_an_address(go: Journey) -> None:
    """Every member of the answer, for ten minutes at most, not to be cached."""
    answer = go.ask_as_device()
    codes = answer.get_json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert codes["verification_uri"] == "http://localhost/device"
    assert codes["verification_uri_complete"] == f"http://localhost/device?user_code={codes['user_code']}"
    assert (codes["expires_in"], codes["interval"]) == (600, 5)


@pytest.mark.requirement("RFC 8628 §5.2", "SHOULD")
def test_codes_are_kept_as_hashes(go: Journey, acme: Acme) -> None:
    """Neither code stands in the table."""
    codes = waiting(go)
    with acme():
        (row,) = db.session.scalars(select(DeviceCode)).all()
    kept = {row.code_hash, row.user_code_hash}
    assert not kept & {codes["device_code"], codes["user_code"], codes["user_code"].replace("-", "")}


@pytest.mark.requirement("RFC 8628 §3.1", "MUST")
@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "demo-web"}, 401, "invalid_client"),
        ({"client_id": "demo-web", "client_secret": "demo-web-secret"}, 401, "invalid_client"),
        ({"scope": None}, 400, "invalid_scope"),
        ({"scope": "openid nonsense"}, 400, "invalid_scope"),
        ({"resource": "https://elsewhere.example/"}, 400, "invalid_target"),
    ],
)
def test_device_that_may_not_ask_is_told(
    visitor: Journey, changes: dict[str, str | None], status: int, error: str
) -> None:
    """The client authenticates as it does at the token endpoint; the scope must be its own."""
    answer = visitor.ask_as_device(**changes)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)


@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
def test_client_without_the_grant_may_not_ask(visitor: Journey) -> None:
    """`unauthorized_client`, at both endpoints."""
    asked = visitor.http.post("/oauth/device_authorization", data={"scope": "openid"}, auth=WEB)
    polled = visitor.token(grant_type=DEVICE_CODE, device_code="x")
    assert [answer.get_json()["error"] for answer in (asked, polled)] == ["unauthorized_client"] * 2


@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
def test_device_waits_until_somebody_decides(go: Journey) -> None:
    """`authorization_pending`, then tokens."""
    codes = waiting(go)
    assert error_of(go, codes["device_code"]) == "authorization_pending"
    go.sign_in()
    go.decide_device(codes["user_code"])
    answer = go.poll(codes["device_code"])
    assert (answer.status_code, answer.get_json()["scope"]) == (200, "openid users:read")
    assert go.use(answer.get_json()["access_token"]) == 200


@pytest.mark.attack(40)
@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
def test_device_that_asks_too_fast_waits_five_seconds_longer(
    go: Journey, acme: Acme, later: Callable[[int], None]
) -> None:
    """`slow_down` holds for this and every later request."""
    code = waiting(go)["device_code"]
    assert [error_of(go, code) for _ in range(3)] == ["authorization_pending", "slow_down", "slow_down"]
    with acme():
        assert db.session.scalars(select(DeviceCode.poll_seconds)).one() == 15
    later(12)
    assert error_of(go, code) == "slow_down"
    later(20)
    assert error_of(go, code) == "authorization_pending"


@pytest.mark.attack(40)
@pytest.mark.storage
@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
def test_one_of_many_polls_at_once_is_in_time(app: Flask, go: Journey) -> None:
    """The pace is kept with the code, by one UPDATE: all others are told to slow down, each for five seconds more."""
    code = waiting(go)["device_code"]
    answers = all_at_once(app, lambda journey: journey.poll(code))
    assert outcomes(answers) == {(400, "authorization_pending"): 1, (400, "slow_down"): 11}


def test_waiting_is_no_refusal_in_the_log(go: Journey, logged: Logged) -> None:
    """One poll every five seconds would drown what matters."""
    code = waiting(go)["device_code"]
    assert [error_of(go, code), error_of(go, code)] == ["authorization_pending", "slow_down"]
    assert logged("oauth.token.refused") == []


@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
def test_device_that_is_turned_away_is_told(go: Journey, logged: Logged) -> None:
    """`access_denied`, as often as it asks; who said no is in the log."""
    go.sign_in()
    codes = waiting(go)
    go.decide_device(codes["user_code"], "deny")
    assert [error_of(go, codes["device_code"]) for _ in range(2)] == ["access_denied"] * 2
    (event,) = logged("oauth.device.denied")
    assert (event["actor"]["email"], event["targets"][0]["id"]) == (USER[0], "demo-native")


@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
@pytest.mark.parametrize("decide", [False, True])
def test_code_expires_whether_somebody_decided_or_not(go: Journey, later: Callable[[int], None], decide: bool) -> None:
    """`expired_token`."""
    code = approved(go) if decide else waiting(go)["device_code"]
    later(600)
    assert error_of(go, code) == "expired_token"


@pytest.mark.attack(40)
@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
def test_code_is_used_once(go: Journey) -> None:
    """A second use is `invalid_grant`, and what the first one got lives on: the answer may have been lost."""
    code = approved(go)
    first = go.poll(code).get_json()
    assert error_of(go, code) == "invalid_grant"
    assert go.use(first["access_token"]) == 200


@pytest.mark.attack(40)
@pytest.mark.storage
@pytest.mark.requirement("RFC 8628 §3.5", "MUST")
def test_one_of_many_redeems_a_device_code(app: Flask, go: Journey, logged: Logged) -> None:
    """Twelve at once, and one gets tokens."""
    code = approved(go)
    answers = all_at_once(app, lambda journey: journey.poll(code))
    assert outcomes(answers) == EXACTLY_ONE
    assert len(logged("oauth.token.issued")) == 1


@pytest.mark.attack(40)
@pytest.mark.requirement("RFC 6749 §5.2", "MUST")
def test_code_of_nobody_or_of_another_client_is_refused(go: Journey, acme: Acme) -> None:
    """`invalid_grant` in the same words, and the owner can still use it (CVE-2023-2585)."""
    with acme():
        builders.a_client("tv", auth_method="none", secret_hash=None, grant_types=[DEVICE_CODE], scope="openid")
    code = approved(go)
    answers = [go.poll("nobody's"), go.poll(code, client_id="tv")]
    assert [answer.get_json()["error"] for answer in answers] == ["invalid_grant"] * 2
    assert answers[0].get_json() == answers[1].get_json()
    assert go.poll(code).status_code == 200


@pytest.mark.attack(40)
@pytest.mark.requirement("RFC 6749 §3.2", "MUST")
def test_code_in_the_query_is_no_code(go: Journey) -> None:
    """Addresses are logged on the way; only the body is read."""
    form = {"grant_type": DEVICE_CODE, "client_id": "demo-native"}
    answer = go.http.post("/oauth/token", query_string={"device_code": approved(go)}, data=form)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("off", [False, True])
def test_refresh_token_comes_if_the_client_may_refresh(go: Journey, acme: Acme, off: bool) -> None:
    if off:
        with acme():
            builders.a_client("tv", auth_method="none", secret_hash=None, grant_types=[DEVICE_CODE], scope="openid")
    whose = {"client_id": "tv", "scope": "openid"} if off else {}
    answer = go.poll(approved(go, **whose), client_id=whose.get("client_id", "demo-native")).get_json()
    assert ("refresh_token" in answer) is not off
    if not off:
        assert go.refresh(answer["refresh_token"], auth=None, client_id="demo-native").status_code == 200


def test_what_the_roles_do_not_allow_is_left_out(go: Journey) -> None:
    """The answer states the narrowed scope (RFC 6749 §5.1)."""
    answer = go.poll(approved(go, scope="openid users:read audit:read")).get_json()
    assert answer["scope"] == "openid users:read"


@pytest.mark.requirement("RFC 8707 §2.2", "MUST")
def test_resource_travels_from_the_device_to_its_token(go: Journey, acme: Acme) -> None:
    """What was asked at the beginning bounds what comes of it."""
    userinfo = "http://localhost/oauth/userinfo"
    code = approved(go, resource=userinfo)
    refused = go.poll(code, resource="http://localhost/v1").get_json()
    value = go.poll(code).get_json()["access_token"]
    with acme():
        claims = jwt.decode(value, public_keys(), algorithms=["ES256"]).claims
    assert (refused["error"], claims["aud"]) == ("invalid_target", userinfo)


def test_device_learns_who_let_it_in(go: Journey, acme: Acme) -> None:
    """An ID token comes with the scope `openid`, without a nonce, which nobody could have sent."""
    answer = go.poll(approved(go)).get_json()
    with acme():
        claims = jwt.decode(answer["id_token"], public_keys(), algorithms=["ES256"]).claims
        person = users.find_by_email(USER[0])
    assert person is not None
    assert (claims["sub"], claims["aud"]) == (person.id, "demo-native")
    assert "nonce" not in claims


@pytest.mark.parametrize("end", ["grant", "session", "user"])
def test_what_ends_the_authorization_ends_its_tokens(go: Journey, acme: Acme, end: str) -> None:
    """The grant withdrawn, the browser signed out, the person suspended: each at once."""
    answer = go.poll(approved(go)).get_json()
    if end == "session":
        go.submit(go.http.get("/logout"))
    with acme():
        if end == "grant":
            grants.revoke(db.session.scalars(select(Grant.id)).one(), reason="test")
        if end == "user":
            person = users.find_by_email(USER[0])
            assert person is not None
            users.suspend(person.id)
    assert go.use(answer["access_token"]) == 401
    assert error_refresh(go, answer["refresh_token"]) == "invalid_grant"


def error_refresh(go: Journey, value: str) -> str:
    return str(go.refresh(value, auth=None, client_id="demo-native").get_json()["error"])


def test_grant_that_was_withdrawn_before_the_poll_gives_nothing(go: Journey, acme: Acme) -> None:
    """And the code is as dead as before: nothing is half done."""
    code = approved(go)
    with acme():
        grants.revoke(db.session.scalars(select(Grant.id)).one(), reason="test")
    assert [error_of(go, code) for _ in range(2)] == ["invalid_grant"] * 2


def test_approval_is_in_the_log(go: Journey, logged: Logged) -> None:
    approved(go, scope="openid users:read audit:read")
    (event,) = logged("oauth.device.approved")
    assert (event["actor"]["email"], event["source"]["channel"]) == (USER[0], "ui")
    assert event["details"]["scope"] == "openid users:read"
    assert event["session_id"].startswith("ses_")


def test_device_flow_can_be_off(database_url: str, identities: None) -> None:
    """Then it is neither promised nor served."""
    go = Journey(create_app(Settings(database_url=database_url, oauth_off=("device_authorization",))).test_client())
    metadata = go.http.get("/.well-known/oauth-authorization-server").get_json()
    assert "device_authorization_endpoint" not in metadata
    assert DEVICE_CODE not in metadata["grant_types_supported"]
    assert [go.ask_as_device().status_code, go.http.get("/device").status_code] == [404, 404]
    assert go.poll("x").get_json()["error"] == "unsupported_grant_type"


def test_device_flow_is_promised(visitor: Journey) -> None:
    """RFC 8628 §4."""
    metadata = visitor.http.get("/.well-known/oauth-authorization-server").get_json()
    assert metadata["device_authorization_endpoint"] == "http://localhost/oauth/device_authorization"
    assert DEVICE_CODE in metadata["grant_types_supported"]


def test_expiry_is_a_setting(database_url: str, identities: None, acme: Acme) -> None:
    go = Journey(create_app(Settings(database_url=database_url, device_code_seconds=60)).test_client())
    assert waiting(go)["expires_in"] == 60
    with acme():
        assert abs(db.session.scalars(select(DeviceCode.expires_at)).one() - wall_seconds() - 60) <= 2
