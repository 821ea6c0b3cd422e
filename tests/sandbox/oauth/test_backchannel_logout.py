"""Clients are told that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from joserfc import jwt
from sqlalchemy import select

from sandbox.access.client import find_client
from sandbox.access.keys import ALGORITHM, public_keys
from sandbox.app import create_app
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import touch
from sandbox.oauth.models.relying_party import RelyingParty
from sandbox.resources.actions import service as actions
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users
from sandbox.settings import Settings
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import NATIVE, USER, Journey, arrived
from tests.sandbox.pump import Wire, connect, pump, senders_of_its_own
from tests.stranger import a_stranger

Logged = Callable[..., list[dict[str, Any]]]
LISTENS = "https://web.example/backchannel"


@dataclass
class Heard:
    """What was sent to clients."""

    wire: Wire

    @property
    def sent(self) -> list[tuple[str, str, dict[str, str], bytes]]:
        return self.wire.sent

    @property
    def tokens(self) -> list[str]:
        return [parse_qs(body.decode())["logout_token"][0] for *_, body in self.sent]


@pytest.fixture
def at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Heard]:
    """Deliver inside the request, without pauses, over a wire that answers as given."""
    return lambda *answers: Heard(connect(app, monkeypatch, *answers))


@pytest.fixture(autouse=True)
def listening(identities: None, acme: Acme) -> None:
    """Where demo-web listens."""
    listen(acme, LISTENS)


def listen(acme: Acme, uri: str | None) -> None:
    with acme(), transaction():
        client = find_client("demo-web")
        assert client is not None
        client.options = {"backchannel_logout_uri": uri, "backchannel_logout_session_required": True} if uri else {}
        touch()


def sign_out(go: Journey) -> None:
    assert go.submit(go.http.get("/logout")).status_code == 200


def claims_of(acme: Acme, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    with acme():
        decoded = jwt.decode(token, public_keys(), algorithms=[ALGORITHM])
    return dict(decoded.header), dict(decoded.claims)


@pytest.mark.requirement("OpenID Connect Back-Channel Logout 1.0 §2.5", "MUST")
def test_client_is_told_when_its_person_signs_out(go: Journey, acme: Acme, at_once: Callable[..., Heard]) -> None:
    """One POST with a form that holds the token, once the session is over."""
    wire = at_once()
    go.tokens()
    sign_out(go)
    ((method, url, headers, _),) = wire.sent
    assert (method, url, headers["Content-Type"]) == ("POST", LISTENS, "application/x-www-form-urlencoded")


@pytest.mark.requirement("OpenID Connect Back-Channel Logout 1.0 §2.4", "MUST")
def test_logout_token_has_what_it_needs_and_no_nonce(
    go: Journey, acme: Acme, logged: Logged, at_once: Callable[..., Heard]
) -> None:
    """Typed as one, for this client, session and person, for two minutes, with the event that it is about."""
    wire, begun = at_once(), wall_seconds()
    go.tokens(nonce="n")
    sign_out(go)
    header, claims = claims_of(acme, wire.tokens[0])
    with acme():
        person = users.find_by_email(USER[0])
    assert person is not None
    assert header["typ"] == "logout+jwt"
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("http://localhost", "demo-web", person.id)
    assert claims["sid"] == logged("auth.login.succeeded")[0]["session_id"]
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert begun <= claims["iat"] <= wall_seconds()
    assert (claims["exp"] - claims["iat"], bool(claims["jti"]), "nonce" in claims) == (120, True, False)


@pytest.mark.requirement("OpenID Connect Back-Channel Logout 1.0 §2.5", "MUST")
@pytest.mark.parametrize("end", ["administrator", "suspension", "deletion", "client"])
def test_whatever_ends_the_session_is_told(go: Journey, acme: Acme, at_once: Callable[..., Heard], end: str) -> None:
    """An administrator, a suspension, a deletion, another client's wish."""
    wire = at_once()
    hint = go.tokens()["id_token"]
    if end == "client":
        go.http.get("/oauth/logout", query_string={"id_token_hint": hint})
    with acme():
        person = users.find_by_email(USER[0])
        assert person is not None
        if end == "administrator":
            sessions.revoke(db.session.scalars(select(Session)).one(), "seen elsewhere")
        if end == "suspension":
            actions.take("suspend_user", person.id, reason="test")
        if end == "deletion":
            users.delete(person.id)
    assert len(wire.sent) == 1


def test_rehearsed_suspension_tells_nobody(go: Journey, acme: Acme, at_once: Callable[..., Heard]) -> None:
    """What is rolled back never happened, and the client hears of it when it does."""
    wire = at_once()
    go.tokens()
    with acme():
        person = users.find_by_email(USER[0])
        assert person is not None
        actions.take("suspend_user", person.id, reason="test", dry_run=True)
        assert wire.sent == []
        actions.take("suspend_user", person.id, reason="test")
    assert len(wire.sent) == 1


def test_each_client_of_the_session_is_told_once(go: Journey, acme: Acme, at_once: Callable[..., Heard]) -> None:
    """However many ID tokens it got; one that does not listen is left alone, as is one without an ID token."""
    wire = at_once()
    go.sign_in()
    for _ in range(2):
        go.redeem(arrived(go.consent())["code"])
    go.redeem(arrived(go.consent(**NATIVE))["code"], auth=None, **NATIVE)
    with acme():
        assert set(db.session.scalars(select(RelyingParty.client_id))) == {"demo-web", "demo-native"}
    sign_out(go)
    assert [claims_of(acme, token)[1]["aud"] for token in wire.tokens] == ["demo-web"]


def test_client_hears_of_the_session_it_knows_once_its_successor_ends(
    go: Journey, acme: Acme, at_once: Callable[..., Heard]
) -> None:
    """Signing in again ends no session for clients; signing out ends it under the `sid` that they have."""
    wire = at_once()
    sid = claims_of(acme, go.tokens()["id_token"])[1]["sid"]
    go.sign_in()
    assert wire.sent == []
    sign_out(go)
    assert [claims_of(acme, token)[1]["sid"] for token in wire.tokens] == [sid]


def test_client_without_an_id_token_is_not_told(go: Journey, at_once: Callable[..., Heard]) -> None:
    wire = at_once()
    go.tokens(scope="users:read")
    sign_out(go)
    assert wire.sent == []


@pytest.mark.parametrize("answer", [200, 204])
def test_client_that_heard_is_recorded(go: Journey, logged: Logged, at_once: Callable[..., Heard], answer: int) -> None:
    """By the system itself, after the sign-out."""
    at_once(answer)
    go.tokens()
    sign_out(go)
    (event,) = logged("oauth.logout.notified")
    assert (event["outcome"]["result"], event["details"]["attempts"]) == ("success", 1)
    assert (event["actor"]["type"], event["targets"][0]["id"]) == ("system", "demo-web")


@pytest.mark.parametrize(
    ("answers", "attempts", "reason"),
    [
        ((503, 200), 2, None),
        (("the connection failed", 500, 200), 3, None),
        ((503, 503, 504), 3, "it answered with status 504"),
        ((302, 302, 302), 3, "it answered with status 302"),
        (("the connection failed",) * 3, 3, "the connection failed"),
        ((400,), 1, "it answered with status 400"),
    ],
)
def test_client_that_does_not_answer_is_asked_a_little_longer(
    go: Journey,
    logged: Logged,
    at_once: Callable[..., Heard],
    answers: tuple[Any, ...],
    attempts: int,
    reason: str | None,
) -> None:
    """Three times at most; one that refuses the token (§2.8) is not asked again. The person is signed out either way."""
    wire = at_once(*answers)
    tokens = go.tokens()
    sign_out(go)
    (event,) = logged("oauth.logout.notified")
    assert (len(wire.sent), event["details"]["attempts"], event["outcome"]["reason"]) == (attempts, attempts, reason)
    assert go.use(tokens["access_token"]) == 401


def test_each_attempt_has_a_token_of_its_own(go: Journey, acme: Acme, at_once: Callable[..., Heard]) -> None:
    """A client that keeps each `jti` must not take the second attempt for a replay."""
    wire = at_once(503, 503)
    go.tokens()
    sign_out(go)
    assert len({claims_of(acme, token)[1]["jti"] for token in wire.tokens}) == 3


def test_session_that_is_over_is_forgotten(go: Journey, acme: Acme, at_once: Callable[..., Heard]) -> None:
    at_once()
    go.tokens()
    sign_out(go)
    with acme():
        assert db.session.scalars(select(RelyingParty)).all() == []


def test_client_that_stopped_listening_is_left_alone(go: Journey, acme: Acme, at_once: Callable[..., Heard]) -> None:
    wire = at_once()
    go.tokens()
    listen(acme, None)
    sign_out(go)
    assert wire.sent == []


@pytest.fixture
def silent(database_url: str) -> Iterator[Flask]:
    """An application that tells nobody."""
    app = create_app(Settings(database_url=database_url, oauth_off=("backchannel_logout",)))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_backchannel_logout_can_be_off(silent: Flask, listening: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is not promised, and nobody is told."""
    wire = connect(silent, monkeypatch)
    go = Journey(silent.test_client())
    go.tokens()
    sign_out(go)
    assert wire.sent == []
    metadata = go.http.get("/.well-known/openid-configuration").get_json()
    assert (metadata["backchannel_logout_supported"], "backchannel_logout_session_supported" in metadata) == (
        False,
        False,
    )


@pytest.mark.requirement("OpenID Connect Back-Channel Logout 1.0 §2.1", "MUST")
def test_backchannel_logout_is_promised(visitor: Journey) -> None:
    metadata = visitor.http.get("/.well-known/openid-configuration").get_json()
    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True
    assert "sid" in metadata["claims_supported"]


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_real_client_hears_beside_the_request(
    app: Flask, go: Journey, acme: Acme, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real connection, from a thread of its own, with an event that becomes visible by itself."""
    with a_stranger() as stranger:
        listen(acme, stranger.shows("/backchannel", {}))
        go.tokens()
        sign_out(go)
        assert stranger.bodies == []
        with senders_of_its_own(app, monkeypatch):
            app.extensions["housekeeper"].round()
        (body,) = stranger.bodies
    token = parse_qs(body.decode())["logout_token"][0]
    assert claims_of(acme, token)[1]["aud"] == "demo-web"
    assert [event["outcome"]["result"] for event in logged("oauth.logout.notified")] == ["success"]


def test_token_outlives_a_crash_between_the_end_and_the_telling(
    app: Flask, go: Journey, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written down with the end of the session: another worker tells it."""
    wire = connect(app, monkeypatch, at_once=False)
    go.tokens()
    sign_out(go)
    assert wire.sent == []
    pump(app)
    assert len(wire.sent) == 1
