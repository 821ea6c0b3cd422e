"""The rules of sign-in sessions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.client import hash_secret
from sandbox.foundation.actor import Actor, Party, Source, acting_as
from sandbox.foundation.clock import now
from sandbox.resources.sessions import service
from sandbox.resources.users.service import find as find_user
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Travel = Callable[[timedelta], None]
Headers = dict[str, str]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def signed_in(acme: Enter) -> tuple[str, str]:
    """Somebody who just signed in, in a tenant with limits: the session's id and the cookie's value."""
    with acme():
        builders.a_setting("identity.session.idle_timeout_min", 30)
        builders.a_setting("identity.session.absolute_hours", 12)
        session, cookie = service.start(builders.a_user(), auth_method="password", mfa=False)
        return session.id, cookie


def _alive(acme: Enter, cookie: str) -> bool:
    with acme():
        return service.find_active(cookie) is not None


def test_session_remembers_where_it_was_started_and_keeps_the_cookie_as_a_hash(in_acme: None) -> None:
    source = Source("203.0.113.7", "Firefox", "ui", {"country": "DE"}, {"number": 64496})
    with acting_as(Actor(Party("system", None), source)):
        session, cookie = service.start(builders.a_user(), auth_method="sso", mfa=True)
    assert (session.ip, session.user_agent, session.geo, session.network) == (
        source.ip,
        source.user_agent,
        source.geo,
        source.network,
    )
    assert (session.auth_method, session.mfa, session.status) == ("sso", True, "active")
    assert session.cookie_hash == hash_secret(cookie) != cookie


def test_session_is_found_by_its_cookie_only(acme: Enter, signed_in: tuple[str, str]) -> None:
    assert _alive(acme, signed_in[1])
    assert not _alive(acme, signed_in[1] + "x")
    assert not _alive(acme, "")


def test_session_ends_when_it_is_not_used(acme: Enter, travel: Travel, signed_in: tuple[str, str]) -> None:
    travel(31 * MINUTE)
    assert not _alive(acme, signed_in[1])
    with acme():
        assert service.find(signed_in[0]).status == "expired"


def test_use_keeps_a_session_alive_up_to_its_absolute_end(
    acme: Enter, travel: Travel, signed_in: tuple[str, str]
) -> None:
    for _ in range(24):
        assert _alive(acme, signed_in[1])
        travel(29 * MINUTE)
    assert _alive(acme, signed_in[1])
    travel(25 * MINUTE)  # 12 hours and 1 minute after the sign-in.
    assert not _alive(acme, signed_in[1])


def test_use_is_written_down_once_a_minute(
    acme: Enter, travel: Travel, signed_in: tuple[str, str], statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def writes() -> int:
        with statements() as seen:
            assert _alive(acme, signed_in[1])
        return sum(sql.startswith("UPDATE sessions") for sql in seen)

    assert writes() == 0
    travel(MINUTE)
    assert [writes(), writes()] == [1, 0]
    with acme():
        session = service.find(signed_in[0])
        assert find_user(session.user_id).last_active_at == session.last_active_at > session.created_at


def test_session_of_the_suspended_is_not_found(acme: Enter) -> None:
    with acme():
        user = builders.a_user(status="suspended")
        _, cookie = service.start(user, auth_method="password", mfa=False)
        assert service.find_active(cookie) is None


def test_revocation_ends_the_session_and_its_tokens_and_no_others(
    client: FlaskClient, anything: Headers, acme: Enter
) -> None:
    with acme():
        user_id = builders.an_administrator().id
        session_id = builders.a_session(user_id).id
        tokens = [
            {"Authorization": f"Bearer {builders.an_access_token('users:read', user_id=user_id, session_id=session)}"}
            for session in (session_id, None)
        ]
    assert [client.get("/v1/users", headers=token).status_code for token in tokens] == [200, 200]
    assert client.delete(f"/v1/sessions/{session_id}", headers=anything).status_code == 204
    assert [client.get("/v1/users", headers=token).status_code for token in tokens] == [401, 200]
    assert client.get(f"/v1/sessions/{session_id}", headers=anything).get_json()["status"] == "revoked"


def test_session_that_is_over_stays_as_it_is(in_acme: None) -> None:
    expired = builders.a_session(builders.a_user().id, expires_at=now() - HOUR)
    assert service.revoke(expired, "again") is False
    assert service.find(expired.id).status == "expired"


def test_all_living_sessions_of_one_person_end(in_acme: None) -> None:
    user_id, other = builders.a_user().id, builders.a_session(builders.a_user().id)
    for expires_at in (now() + HOUR, now() + 2 * HOUR, now() - HOUR):
        builders.a_session(user_id, expires_at=expires_at)
    assert service.revoke_all(user_id, "test") == 2
    assert service.revoke_all(user_id, "test") == 0
    assert service.find(other.id).status == "active"


def test_sign_out_is_logged_as_the_own_wish(
    acme: Enter, signed_in: tuple[str, str], logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with acme():
        for _ in range(2):
            service.sign_out(service.find(signed_in[0]))
    assert not _alive(acme, signed_in[1])
    assert [event["action"] for event in logged()].count("auth.logout") == 1


def test_list_gives_sessions_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        user_id = builders.a_user().id
        for given in ({}, {"expires_at": now() - HOUR}, {"revoked_at": now()}):
            builders.a_session(user_id, **given)
    expected = {"status=active": ["active"], "status=expired": ["expired"], "status=revoked": ["revoked"]}
    expected |= {"": ["active", "expired", "revoked"], "user_id=usr_none": []}
    rows = {query: client.get(f"/v1/sessions?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: sorted(row["status"] for row in found) for query, found in rows.items()} == expected


def test_own_sessions_need_no_scope_of_sessions_and_others_do(client: FlaskClient, acme: Enter) -> None:
    """Rulings 1: members may see their own sessions."""
    with acme():
        builders.a_role(key="member", scope="users:read")
        mine, other = builders.a_user().id, builders.a_user().id
        builders.an_assignment(mine, "member")
        session_id = builders.a_session(mine).id
        builders.a_session(other)
        headers = {"Authorization": f"Bearer {builders.an_access_token('users:read', user_id=mine)}"}
    assert [row["id"] for row in client.get(f"/v1/users/{mine}/sessions", headers=headers).json["data"]] == [session_id]
    assert client.get(f"/v1/users/{other}/sessions", headers=headers).status_code == 403
    assert client.get("/v1/sessions", headers=headers).status_code == 403


def test_network_is_shown_under_its_name_on_the_wire(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    network = {"number": 64496, "organization": "Example Networks"}
    with acme():
        session_id = builders.a_session(builders.a_user().id, network=network).id
    shown = client.get(f"/v1/sessions/{session_id}", headers=anything).get_json()
    assert (shown["as"], shown["geo"], shown["device"]) == (network, None, None)
    assert "cookie_hash" not in shown


GERMANY = {"country": "DE", "region": "BE", "city": "Berlin", "latitude": 52.52, "longitude": 13.405}
ABROAD = {"country": "BR", "region": "SP", "city": "Campinas", "latitude": -22.91, "longitude": -47.06}
HOME, HOTEL = {"number": 64496, "organization": "Example Networks"}, {"number": 64511, "organization": "Hotel"}
AT_HOME = Source("203.0.113.7", "Firefox", "ui", GERMANY, HOME)


def use(acme: Enter, cookie: str, source: Source) -> None:
    with acme(), acting_as(Actor(Party("client", None), source)):
        assert service.find_active(cookie) is not None


@pytest.fixture
def at_home(acme: Enter) -> tuple[str, str]:
    """Somebody who just signed in at home: the person's id and the cookie's value."""
    with acme(), acting_as(Actor(Party("system", None), AT_HOME)):
        user = builders.a_user()
        return user.id, service.start(user, auth_method="password", mfa=False)[1]


def moves(logged: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [event for event in logged() if event["action"] == "session.context_changed"]


@pytest.mark.storage
def test_use_from_elsewhere_is_recorded_once_for_each_change(
    acme: Enter, at_home: tuple[str, str], logged: Callable[[], list[dict[str, Any]]]
) -> None:
    elsewhere = Source("198.51.100.9", "curl", "ui", ABROAD, HOTEL)
    for source in (AT_HOME, elsewhere, elsewhere, AT_HOME):
        use(acme, at_home[1], source)
    first, second = moves(logged)
    assert first["details"] == second["details"] == {"signs": ["network", "browser"]}
    assert {one["field"]: (one["old"], one["new"]) for one in first["changes"]} == {
        "ip": ("203.0.113.7", "198.51.100.9"),
        "user_agent": ("Firefox", "curl"),
        "geo": (GERMANY, ABROAD),
        "network": (HOME, HOTEL),
    }
    assert (first["actor"]["id"], first["session_id"]) == (at_home[0], first["targets"][0]["id"])
    assert second["changes"][0] == {"field": "ip", "old": "198.51.100.9", "new": "203.0.113.7"}


@pytest.mark.parametrize(
    ("source", "signs"),
    [
        (Source("203.0.113.8", "Firefox", "ui", GERMANY, HOME), []),
        (Source("203.0.113.7", "Firefox", "ui", GERMANY, HOTEL), ["network"]),
        (Source("203.0.113.8", "Firefox", "ui"), ["network"]),
        (Source("203.0.113.7", "Chrome", "ui", GERMANY, HOME), ["browser"]),
        (Source(None, None, "system"), []),
    ],
    ids=["another address of the network", "another network", "an unknown network", "another browser", "unknown"],
)
def test_only_another_network_or_browser_is_elsewhere(
    acme: Enter, at_home: tuple[str, str], logged: Callable[[], list[dict[str, Any]]], source: Source, signs: list[str]
) -> None:
    use(acme, at_home[1], source)
    assert [event["details"]["signs"] for event in moves(logged)] == ([signs] if signs else [])


def test_use_from_the_same_place_writes_nothing(
    acme: Enter, at_home: tuple[str, str], statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with statements() as seen:
        use(acme, at_home[1], AT_HOME)
    assert [sql for sql in seen if not sql.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA"))] == []
