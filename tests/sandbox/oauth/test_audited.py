"""Everything that the authorization server does for or against somebody is in the audit log: one row, one proof.

Each row says what happens, and which event it leaves: exactly one of that action, with its outcome, its reason and who did
it. Abilities with tests of their own add their row here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from sandbox.access import key_rotation
from sandbox.access.keys import ALGORITHM
from sandbox.access.token import RefreshToken
from sandbox.foundation.actor import SYSTEM, acting_as
from sandbox.foundation.database import db
from sandbox.lab import registration
from sandbox.oauth.capabilities import TOKEN_EXCHANGE
from sandbox.oauth.grants.token_exchange import ACCESS_TOKEN
from sandbox.oauth.models import trusted_issuer
from sandbox.resources.audit_events.catalog import ACTIONS
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users
from tests import builders
from tests.event_judge import assert_events
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CONNECTOR, USER, WEB, Journey

Logged = Callable[..., list[dict[str, Any]]]
Doing = Callable[[Journey, Acme], object]


class Row(NamedTuple):
    """What happens, and the event that tells of it.

    `actor` is the address of a person, the id or name of a client, None for strangers. What an operator does on the machine
    itself comes with no request.
    """

    what: str
    do: Doing
    action: str
    actor: str | None
    outcome: str = "success"
    reason: str | None = None
    by_request: bool = True


def _suspended_signs_in(go: Journey, acme: Acme) -> None:
    with acme():
        person = users.find_by_email(USER[0])
        assert person is not None
        users.suspend(person.id)
    go.sign_in()


def _reuses_code(go: Journey, _: Acme) -> None:
    code = go.code()
    go.redeem(code)
    go.redeem(code)


def _reuses_refresh_token(go: Journey, _: Acme) -> None:
    value = go.tokens()["refresh_token"]
    go.refresh(value)
    go.refresh(value)


def _decides_about_device(decision: str) -> Doing:
    def decide(go: Journey, _: Acme) -> None:
        code = go.ask_as_device().get_json()["user_code"]
        go.sign_in()
        go.decide_device(code, decision)

    return decide


def _redeems_device_code(go: Journey, _: Acme) -> None:
    codes = go.ask_as_device().get_json()
    go.sign_in()
    go.decide_device(codes["user_code"])
    assert go.poll(codes["device_code"]).status_code == 200


def _withdraws(go: Journey, _: Acme) -> None:
    go.tokens()
    go.submit(go.http.get("/account/apps"))


def _denies(go: Journey, _: Acme) -> None:
    go.sign_in()
    go.consent(decision="deny")


def _gives_back(kind: str) -> Doing:
    return lambda go, _: go.http.post("/oauth/revoke", data={"token": go.tokens()[kind]}, auth=WEB)


def _signs_out(go: Journey, _: Acme) -> None:
    go.sign_in()
    go.submit(go.http.get("/logout"))


def _is_signed_out_by_client(go: Journey, _: Acme) -> None:
    go.http.get("/oauth/logout", query_string={"id_token_hint": go.tokens()["id_token"]})


def _is_signed_out_by_others(go: Journey, acme: Acme) -> None:
    go.sign_in()
    with acme():
        admin = users.find_by_email(ADMIN[0])
        assert admin is not None
        token = builders.an_access_token("sessions:write", user_id=admin.id)
        session_id = db.session.scalars(select(Session.id)).one()
    answer = go.http.delete(f"/v1/sessions/{session_id}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 204


def _signs_in_twice(go: Journey, _: Acme) -> None:
    go.sign_in()
    go.sign_in()


def _leaves_the_browser_to(who: tuple[str, str]) -> Doing:
    def leave(go: Journey, _: Acme) -> None:
        go.sign_in()
        go.sign_in(who)

    return leave


def _client_asks(secret: str = CONNECTOR[1], **form: str) -> Doing:
    return lambda go, _: go.token(auth=(CONNECTOR[0], secret), **{"grant_type": "client_credentials", **form})


def _changes_itself(go: Journey, _: Acme) -> None:
    told = go.register().get_json()
    wanted = {"client_name": "Renamed", "redirect_uris": told["redirect_uris"], "scope": "openid"}
    assert go.manage("PUT", told, json={"client_id": told["client_id"], **wanted}).status_code == 200


def _gets_a_secret(go: Journey, _: Acme) -> None:
    told = go.register(token_endpoint_auth_method="none").get_json()
    wanted = {name: told[name] for name in ("client_name", "redirect_uris", "grant_types", "scope") if name in told}
    assert go.manage("PUT", told, json={"client_id": told["client_id"], **wanted}).status_code == 200


def _deletes_itself(go: Journey, _: Acme) -> None:
    assert go.manage("DELETE", go.register().get_json()).status_code == 204


def _exchanges(go: Journey, acme: Acme) -> None:
    with acme():
        builders.a_client("gateway", grant_types=["client_credentials", TOKEN_EXCHANGE])
    auth = ("gateway", "secret")
    value = go.token(auth=auth, grant_type="client_credentials").get_json()["access_token"]
    go.token(auth=auth, grant_type=TOKEN_EXCHANGE, subject_token=value, subject_token_type=ACCESS_TOKEN)


def _operator(do: Callable[[], object]) -> Doing:
    """What somebody does with a command, in the tenant."""

    def operate(_: Journey, acme: Acme) -> None:
        with acme(), acting_as(SYSTEM):
            do()

    return operate


def _registers_by_hand() -> None:
    registration.create(
        client_id="mine", auth_method="client_secret_basic", grant_types=("client_credentials",), scope="users:read"
    )


def _rotates_keys() -> None:
    key_rotation.rotate(ALGORITHM, overlap_seconds=0)


def _withdraws_keys() -> None:
    _rotates_keys()
    assert key_rotation.withdraw(ALGORITHM, at_once=True)


def _trusts() -> None:
    trusted_issuer.trust("https://issuer.example", jwks_uri="https://issuer.example/keys")


def _distrusts() -> None:
    _trusts()
    trusted_issuer.distrust("https://issuer.example")


ME, WEB_ID, CONNECTOR_ID = USER[0], WEB[0], CONNECTOR[0]
FAILED, DENIED = "failure", "denied"
OPERATOR = SYSTEM.party.name
ROWS = [
    Row("sign-in", lambda go, _: go.sign_in(), "auth.login.succeeded", ME),
    Row("wrong password", lambda go, _: go.sign_in((ME, "x")), "auth.login.failed", ME, FAILED, "invalid_credentials"),
    Row(
        "sign-in of nobody",
        lambda go, _: go.sign_in(("nobody@acme.example", "x")),
        "auth.login.failed",
        "nobody@acme.example",
        FAILED,
        "unknown_user",
    ),
    Row("sign-in of a suspended person", _suspended_signs_in, "auth.login.failed", ME, FAILED, "user_suspended"),
    Row("consent given", lambda go, _: go.tokens(), "oauth.grant.created", ME),
    Row("consent withdrawn", _withdraws, "oauth.grant.revoked", ME),
    Row("tokens of a withdrawn consent", _withdraws, "oauth.token.revoked", ME),
    Row("consent denied", _denies, "oauth.consent.denied", ME, DENIED),
    Row("token issued for a code", lambda go, _: go.tokens(), "oauth.token.issued", WEB_ID),
    Row("token issued to a client", _client_asks(), "oauth.token.issued", CONNECTOR_ID),
    Row("token issued to a device", _redeems_device_code, "oauth.token.issued", "demo-native"),
    Row("token refreshed", lambda go, _: go.refresh(go.tokens()["refresh_token"]), "oauth.token.refreshed", WEB_ID),
    Row("refresh token reused", _reuses_refresh_token, "oauth.token.reuse_detected", WEB_ID, DENIED),
    Row("family of a reused refresh token", _reuses_refresh_token, "oauth.token.revoked", WEB_ID),
    Row("code reused", _reuses_code, "oauth.code.reuse_detected", WEB_ID, DENIED),
    Row("family of a reused code", _reuses_code, "oauth.token.revoked", WEB_ID),
    Row("access token given back", _gives_back("access_token"), "oauth.token.revoked", WEB_ID),
    Row("refresh token given back", _gives_back("refresh_token"), "oauth.token.revoked", WEB_ID),
    Row("wrong secret", _client_asks("wrong"), "oauth.token.refused", None, DENIED, "invalid_client"),
    Row("scope beyond", _client_asks(scope="openid"), "oauth.token.refused", CONNECTOR_ID, DENIED, "invalid_scope"),
    Row("device approved", _decides_about_device("allow"), "oauth.device.approved", ME),
    Row("device denied", _decides_about_device("deny"), "oauth.device.denied", ME),
    Row("grant of an approved device", _decides_about_device("allow"), "oauth.grant.created", ME),
    Row("token exchanged", _exchanges, "oauth.token.exchanged", "gateway"),
    Row("client registered", lambda go, _: go.register(), "oauth.client.registered", None),
    Row("client changed by itself", _changes_itself, "oauth.client.updated", "Mine"),
    Row("secret given to a public client", _gets_a_secret, "oauth.client.secret_added", "Mine"),
    Row("client deleted by itself", _deletes_itself, "oauth.client.deleted", "Mine"),
    Row(
        "client registered by hand",
        _operator(_registers_by_hand),
        "oauth.client.registered",
        OPERATOR,
        by_request=False,
    ),
    Row("key rotated", _operator(_rotates_keys), "oauth.key.rotated", OPERATOR, by_request=False),
    Row("key withdrawn", _operator(_withdraws_keys), "oauth.key.withdrawn", OPERATOR, by_request=False),
    Row("issuer trusted", _operator(_trusts), "oauth.issuer.trusted", OPERATOR, by_request=False),
    Row("issuer distrusted", _operator(_distrusts), "oauth.issuer.distrusted", OPERATOR, by_request=False),
    Row("sign-out", _signs_out, "auth.logout", ME),
    Row("sign-out at the wish of a client", _is_signed_out_by_client, "auth.logout", ME),
    Row("session ended by others", _is_signed_out_by_others, "session.revoked", ADMIN[0]),
    Row("session of before a new sign-in", _signs_in_twice, "session.revoked", ME),
    Row("session of somebody else in this browser", _leaves_the_browser_to(ADMIN), "session.revoked", ADMIN[0]),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.what for row in ROWS])
@pytest.mark.control("LOG-SaaS-01", call="GET /v1/audit-events")
def test_it_is_in_the_log(row: Row, go: Journey, acme: Acme, logged: Logged) -> None:
    row.do(go, acme)
    (event,) = logged(row.action)
    assert_events(logged())
    assert event["outcome"] == {"result": row.outcome, "reason": row.reason}
    known = {event["actor"][name] for name in ("email", "id", "name")} - {None}
    assert row.actor in known if row.actor else not known, event["actor"]
    assert (event["request_id"] is not None) == row.by_request


def test_table_has_every_action_of_the_authorization_server() -> None:
    """Whoever adds one adds a row; of the one that is missing, `test_backchannel_logout` has many."""
    listed = {row.action for row in ROWS}
    assert listed <= ACTIONS.keys()
    assert {action for action in ACTIONS if action.startswith("oauth.")} - listed == {"oauth.logout.notified"}


def test_no_event_holds_what_opens_a_door(go: Journey, acme: Acme, logged: Logged) -> None:
    """Codes, tokens, passwords and secrets travel here, and none of them is kept in the log."""
    code = go.code()
    tokens = go.redeem(code).get_json()
    successor = go.refresh(tokens["refresh_token"]).get_json()
    go.redeem(code)
    device = go.ask_as_device().get_json()
    go.decide_device(device["user_code"])
    go.poll(device["device_code"])
    cookie = go.http.get_cookie("harbor_acme")
    assert cookie is not None
    with acme():
        hashes = set(db.session.scalars(select(RefreshToken.token_hash)))
    doors = {code, cookie.value, USER[1], WEB[1], device["device_code"], device["user_code"], *hashes}
    doors |= {answer[name] for answer in (tokens, successor) for name in ("access_token", "refresh_token")}
    text = str(logged())
    assert [door for door in doors if door in text] == []
