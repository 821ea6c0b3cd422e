"""The housekeeper: one a database, what is due in the time of each tenant, and no failure that stops the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from sandbox.foundation import housekeeper, lease
from sandbox.foundation.clock import milliseconds, now
from sandbox.foundation.database import db
from sandbox.foundation.housekeeper import Chore, Housekeeper
from sandbox.foundation.tenancy import Tenant, current_tenant_id, enter
from tests.builders import BUSINESS_START

HALF_A_MINUTE = timedelta(seconds=30)
Keep = Callable[..., Housekeeper]


@pytest.fixture
def keep(app: Flask) -> Keep:
    """A housekeeper with these chores, and a lease under a name of its own."""

    def make(*chores: Chore, holder: str = "me") -> Housekeeper:
        made = Housekeeper(app.app_context, chores)
        made.holder = holder
        return made

    return make


def due(*when: tuple[str, datetime], done: list[Any]) -> Chore:
    return Chore("work", lambda: when, lambda: done.append((current_tenant_id(), now())))


def stop_clocks(app: Flask, rate: float = 0) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(Tenant).values(clock_rate=rate, clock_business=milliseconds(BUSINESS_START)))


@pytest.mark.storage
def test_what_is_due_is_done_in_its_tenant_and_its_time(app: Flask, keep: Keep) -> None:
    stop_clocks(app)
    done: list[Any] = []
    later = BUSINESS_START + timedelta(milliseconds=1)
    seconds = keep(due(("acme", later), ("other", BUSINESS_START), ("gone", BUSINESS_START), done=done)).round()
    assert done == [("other", BUSINESS_START)]
    assert seconds == housekeeper.SOONEST


@pytest.mark.storage
def test_only_the_holder_of_the_lease_works(keep: Keep) -> None:
    done: list[Any] = []
    chore = due(("acme", BUSINESS_START), done=done)
    mine, other = keep(chore, holder="me"), keep(chore, holder="another")
    mine.round()
    assert (other.round(), len(done)) == (15.0, 1)
    mine.round()
    assert len(done) == 2


@pytest.mark.storage
@pytest.mark.parametrize(
    ("rate", "seconds"), [(0, housekeeper.LATEST), (1, housekeeper.LATEST), (60, 2.0), (3600, 1.0)]
)
def test_it_sleeps_until_the_next_is_due_in_wall_time(app: Flask, keep: Keep, rate: float, seconds: float) -> None:
    stop_clocks(app, rate)
    with app.app_context(), enter("acme"):
        moment = now() + timedelta(minutes=2)
    assert keep(due(("acme", moment), done=[])).round() == pytest.approx(seconds, abs=0.5)


def test_it_looks_again_soon_although_nothing_is_due(keep: Keep) -> None:
    """Another worker may have put something into a queue."""
    assert keep(due(done=[])).round() == housekeeper.LATEST


def test_chore_that_fails_is_told_and_stops_no_other(keep: Keep, caplog: pytest.LogCaptureFixture) -> None:
    done: list[Any] = []

    def fail() -> None:
        raise ZeroDivisionError

    when = [("acme", BUSINESS_START), ("other", BUSINESS_START)]
    with caplog.at_level(logging.ERROR, logger="sandbox"):
        keep(Chore("broken", lambda: when, fail), due(*when, done=done)).round()
    assert [tenant for tenant, _ in done] == ["acme", "other"]
    assert "housekeeping of tenant acme: broken failed" in caplog.text


@pytest.mark.storage
@pytest.mark.usefixtures("app")
class TestLease:
    """Held by one, until it ends or is given back."""

    @pytest.fixture(autouse=True)
    def inside(self, app: Flask) -> Any:
        with app.app_context():
            yield

    def test_it_has_one_holder_who_may_renew_it(self) -> None:
        taken = [lease.take("x", holder, HALF_A_MINUTE) for holder in ("a", "b", "a", "b")]
        assert taken == [True, False, True, False]

    def test_each_name_is_a_lease_of_its_own(self) -> None:
        assert lease.take("x", "a", HALF_A_MINUTE)
        assert lease.take("y", "b", HALF_A_MINUTE)

    def test_one_that_ran_out_is_free(self) -> None:
        lease.take("x", "a", timedelta(0))
        assert [lease.take("x", holder, HALF_A_MINUTE) for holder in ("b", "a")] == [True, False]

    def test_one_that_was_given_back_is_free(self) -> None:
        lease.take("x", "a", HALF_A_MINUTE)
        lease.give_back("x", "b")
        assert not lease.take("x", "b", HALF_A_MINUTE)
        lease.give_back("x", "a")
        assert lease.take("x", "b", HALF_A_MINUTE)
