"""What may be used once is used once: by threads, on both databases, and whatever becomes of the request."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from sandbox.access import replay
from sandbox.access.replay import Spent, forget_expired, spend
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.foundation.tenancy import enter

AT_ONCE = 12
LATER = wall_seconds() + 3600


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Spent)) or 0


@pytest.mark.storage
def test_second_use_is_refused(in_acme: None) -> None:
    assert [spend("dpop", "key", "jti", LATER) for _ in range(3)] == [True, False, False]


@pytest.mark.storage
def test_kind_and_maker_are_told_apart(in_acme: None) -> None:
    """Two clients may choose the same `jti`; and where one name ends and the other begins is no matter of spelling."""
    uses = [("dpop", "key", "jti"), ("assertion", "key", "jti"), ("dpop", "other", "jti"), ("dpop", "ke", "yjti")]
    assert [spend(*use, LATER) for use in uses] == [True] * 4


@pytest.mark.storage
def test_tenants_are_told_apart(app: Flask) -> None:
    for tenant in ("acme", "other"):
        with app.app_context(), enter(tenant):
            assert spend("dpop", "key", "jti", LATER)


@pytest.mark.storage
@pytest.mark.parametrize("is_refused", [False, True], ids=["kept", "rolled back"])
def test_one_of_many_at_once_wins(app: Flask, is_refused: bool) -> None:
    """Also where what they wanted it for fails afterwards."""
    barrier = Barrier(AT_ONCE)

    def one(_: int) -> bool:
        with app.app_context(), enter("acme"):
            barrier.wait(timeout=60)
            won = spend("dpop", "key", "jti", LATER)
            if is_refused:
                with pytest.raises(LookupError), transaction():
                    raise LookupError
            return won

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert sum(threads.map(one, range(AT_ONCE))) == 1


@pytest.mark.storage
def test_rolled_back_transaction_does_not_give_it_back(in_acme: None) -> None:
    """For a caller who could not spend before its transaction began."""
    with pytest.raises(LookupError), transaction():
        assert spend("dpop", "key", "jti", LATER)
        raise LookupError
    assert not spend("dpop", "key", "jti", LATER)


@pytest.mark.storage
def test_expired_ones_are_forgotten_a_few_at_a_time(in_acme: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "CLEANED_AT_MOST", 3)
    monkeypatch.setattr(replay, "CLEANED_EVERY", sys.maxsize)
    for number in range(4):
        spend("dpop", "key", f"old {number}", wall_seconds() - 1)
    spend("dpop", "key", "young", LATER)
    assert [forget_expired() for _ in range(3)] == [3, 1, 0]
    assert kept() == 1


def test_spending_forgets_now_and_then(in_acme: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "CLEANED_EVERY", 1)
    for number in range(5):
        spend("dpop", "key", f"old {number}", wall_seconds() - 1)
    assert kept() == 0


def test_cleaning_keeps_up_with_spending() -> None:
    assert replay.CLEANED_AT_MOST > replay.CLEANED_EVERY


@settings(max_examples=40)
@given(who=st.text(), jti=st.text(st.characters()))
def test_any_text_can_be_spent(in_acme: None, who: str, jti: str) -> None:
    """Half a surrogate pair too, which JSON can carry and UTF-8 cannot."""
    first = spend("dpop", who, jti + "\ud800", LATER)
    assert (first, spend("dpop", who, jti + "\ud800", LATER)) in {(True, False), (False, False)}
