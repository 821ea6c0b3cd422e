"""What has expired goes, and what replay detection needs stays (RFC 9700 §4.14.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from sandbox.access.token import AccessToken, RefreshToken, TokenFamily
from sandbox.foundation.clock import now
from sandbox.foundation.database import Model, db, transaction
from sandbox.oauth import housekeeping
from sandbox.oauth.housekeeping import GRACE_SECONDS, OF_FAMILIES, OF_NOBODY, clean_up
from sandbox.oauth.models.authorization_code import AuthorizationCode
from sandbox.oauth.models.device_code import DeviceCode
from sandbox.oauth.models.relying_party import RelyingParty
from sandbox.resources.sessions.model import Session
from tests.occupied import locked
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, Journey

ALL = (*OF_FAMILIES, TokenFamily)
LONG_AGO = GRACE_SECONDS + 60
pytestmark = pytest.mark.storage


@pytest.fixture
def thorough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at families from the first one on."""
    monkeypatch.setattr(housekeeping, "_random_start", lambda: "")


def age(acme: Acme, *kinds: type[Any], seconds: int = LONG_AGO + 40 * 24 * 3600) -> None:
    """Let what these tables hold have expired long ago."""
    with acme(), transaction() as session:
        for kind in kinds:
            session.execute(update(kind).values(expires_at=kind.expires_at - seconds))


def rows(acme: Acme, *kinds: type[Model]) -> list[int]:
    with acme():
        return [db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds]


def clean(acme: Acme) -> int:
    with acme():
        return clean_up()


def test_living_things_stay(go: Journey, acme: Acme, thorough: None) -> None:
    tokens = go.tokens()
    assert clean(acme) == 0
    assert go.use(tokens["access_token"]) == 200


@pytest.mark.requirement("RFC 9700 §4.14.2", "MUST")
def test_used_refresh_token_is_recognized_while_its_family_lives(go: Journey, acme: Acme, thorough: None) -> None:
    """However long ago it expired itself: coming back, it ends the family."""
    first = go.tokens()
    second = go.refresh(first["refresh_token"]).get_json()
    with acme(), transaction() as session:
        used = update(RefreshToken).where(RefreshToken.consumed_at.is_not(None))
        session.execute(used.values(expires_at=RefreshToken.expires_at - LONG_AGO - 40 * 24 * 3600))
    clean(acme)
    assert rows(acme, RefreshToken) == [2]
    assert go.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert go.use(second["access_token"]) == 401


@pytest.mark.requirement("RFC 6749 §4.1.2", "SHOULD")
def test_used_code_is_recognized_while_its_family_lives(go: Journey, acme: Acme, thorough: None) -> None:
    """A code expires within a minute; what came of it lives for weeks."""
    code = go.code()
    tokens = go.redeem(code).get_json()
    age(acme, AuthorizationCode)
    clean(acme)
    assert go.redeem(code).get_json()["error"] == "invalid_grant"
    assert go.use(tokens["access_token"]) == 401


def test_family_that_is_over_goes_with_all_that_is_its_own(go: Journey, acme: Acme, thorough: None) -> None:
    go.refresh(go.tokens()["refresh_token"])
    device = go.ask_as_device().get_json()
    go.decide_device(device["user_code"])
    go.poll(device["device_code"])
    age(acme, *OF_FAMILIES)
    clean(acme)
    assert rows(acme, *ALL) == [0] * len(ALL)


def test_expired_access_tokens_go_before_their_family(go: Journey, acme: Acme, thorough: None) -> None:
    """Whoever presents one is told the same as before."""
    tokens = go.tokens()
    age(acme, AccessToken)
    clean(acme)
    assert rows(acme, AccessToken, RefreshToken, TokenFamily) == [0, 1, 1]
    assert go.refresh(tokens["refresh_token"]).status_code == 200


def test_code_that_nobody_redeemed_goes_with_its_family(go: Journey, acme: Acme, thorough: None) -> None:
    go.code()
    age(acme, AuthorizationCode)
    clean(acme)
    assert rows(acme, AuthorizationCode, TokenFamily) == [0, 0]


@pytest.mark.parametrize("decision", [None, "deny"])
def test_device_that_nobody_let_in_goes(go: Journey, acme: Acme, decision: str | None) -> None:
    code = go.ask_as_device().get_json()["user_code"]
    go.sign_in()
    if decision:
        go.decide_device(code, decision)
    age(acme, DeviceCode)
    assert (clean(acme), rows(acme, DeviceCode)) == (1, [0])


@pytest.mark.parametrize("kind", OF_FAMILIES, ids=lambda kind: kind.__tablename__)
def test_what_expired_a_moment_ago_stays_for_a_day(go: Journey, acme: Acme, thorough: None, kind: type[Any]) -> None:
    """Latecomers are told that it has expired, not that nobody knows it."""
    go.tokens()
    device = go.ask_as_device().get_json()
    go.decide_device(device["user_code"])
    before = rows(acme, kind)
    age(acme, kind, seconds=3600)
    clean(acme)
    assert (rows(acme, kind), before > [0]) == (before, True)


def test_clients_of_a_session_that_ran_out_are_forgotten(go: Journey, acme: Acme) -> None:
    go.tokens()
    clean(acme)
    assert rows(acme, RelyingParty) == [1]
    with acme(), transaction() as session:
        session.execute(update(Session).values(expires_at=now() - timedelta(seconds=1)))
    clean(acme)
    assert rows(acme, RelyingParty) == [0]


def test_clients_of_a_session_that_was_replaced_are_kept_as_long_as_its_successor(go: Journey, acme: Acme) -> None:
    """They are told when the person signs out, however long ago the former session would have run out."""
    go.tokens()
    go.sign_in()
    with acme(), transaction() as session:
        former = update(Session).where(Session.revoked_at.is_not(None))
        session.execute(former.values(expires_at=now() - timedelta(seconds=1)))
    clean(acme)
    assert rows(acme, RelyingParty) == [1]
    with acme(), transaction() as session:
        session.execute(update(Session).values(expires_at=now() - timedelta(seconds=1)))
    clean(acme)
    assert rows(acme, RelyingParty) == [0]


def test_each_run_is_bounded(go: Journey, acme: Acme, thorough: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three at a time, and in the end all of them."""
    monkeypatch.setattr(housekeeping, "AT_MOST", 3)
    for _ in range(7):
        go.token(auth=CONNECTOR, grant_type="client_credentials")
    age(acme, AccessToken)
    left = []
    while not left or left[-1] != [0]:
        clean(acme)
        left.append(rows(acme, TokenFamily))
    assert left == [[4], [1], [0]]


def test_families_behind_one_that_lives_are_found(
    go: Journey, acme: Acme, travel: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though only one is looked at in each run: it is another one each time."""
    go.tokens()
    for _ in range(3):
        travel(timedelta(hours=1))  # Else hardly any moment would lie between them.
        go.token(auth=CONNECTOR, grant_type="client_credentials")
    with acme(), transaction() as session:
        session.execute(update(AccessToken).values(expires_at=AccessToken.expires_at - LONG_AGO - 40 * 24 * 3600))
    monkeypatch.setattr(housekeeping, "AT_MOST", 1)
    for _ in range(400):
        clean(acme)
        if rows(acme, TokenFamily) == [1]:
            break
    assert rows(acme, TokenFamily, RefreshToken) == [1, 1]


def test_other_tenant_is_left_alone(go: Journey, acme: Acme, thorough: None) -> None:
    Journey(go.http, "/t/other").token(auth=CONNECTOR, grant_type="client_credentials")
    go.token(auth=CONNECTOR, grant_type="client_credentials")
    age(acme, AccessToken)
    assert clean(acme) == 2


def test_cleaning_comes_with_tokens(go: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    monkeypatch.setattr(housekeeping, "RUN_EVERY", 1)
    monkeypatch.setattr(housekeeping, "clean_up", lambda: runs.append(1))
    go.token(auth=CONNECTOR, grant_type="client_credentials")
    assert runs == [1]


def test_busy_database_does_not_cost_anybody_their_token(go: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have been issued; cleaning comes another time."""

    def busy() -> int:
        raise locked()

    monkeypatch.setattr(housekeeping, "RUN_EVERY", 1)
    monkeypatch.setattr(housekeeping, "clean_up", busy)
    assert go.token(auth=CONNECTOR, grant_type="client_credentials").status_code == 200


def test_mistake_in_cleaning_is_not_hidden(go: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise OperationalError("DELETE", {}, Exception("no such table: access_tokens"))

    monkeypatch.setattr(housekeeping, "RUN_EVERY", 1)
    monkeypatch.setattr(housekeeping, "clean_up", broken)
    assert go.token(auth=CONNECTOR, grant_type="client_credentials").status_code == 500


def test_every_table_that_expires_is_on_the_list() -> None:
    """What a new file adds belongs to a family or to nobody; `spent` and the keys of repeated requests clean themselves.

    Exports, shares, API tokens and impersonations that are over are shown as such: they are the vendor's data.
    """
    expiring = {kind.class_ for kind in Model.registry.mappers if {"expires_at", "tenant_id"} <= {*kind.columns.keys()}}
    listed = {*OF_FAMILIES, *(alone.model for alone in OF_NOBODY)}
    assert {kind.__name__ for kind in expiring - listed} <= {
        "Session",
        "Spent",
        "IdempotencyKey",
        "Export",
        "FileShare",
        "ApiToken",
        "Impersonation",
    }
