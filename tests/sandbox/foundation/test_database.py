"""What follows a transaction: once it is committed, in order, and never otherwise."""

from __future__ import annotations

import pytest

from sandbox.foundation.database import after_commit, db, transaction


def test_what_follows_waits_for_the_commit(in_acme: None) -> None:
    """Also where the transaction joined another one."""
    done: list[str] = []
    with transaction():
        with transaction():
            after_commit(lambda: done.append("first"))
            after_commit(lambda: done.append("second"))
        assert done == []
    assert done == ["first", "second"]


def test_what_follows_is_outside_the_transaction(in_acme: None) -> None:
    """So that it may take its time, or write in one of its own."""
    inside: list[bool] = []
    with transaction():
        after_commit(lambda: inside.append("pending" in db.session().info))
    assert inside == [False]


def test_nothing_follows_what_was_rolled_back(in_acme: None) -> None:
    done: list[str] = []
    with pytest.raises(ValueError, match="refused"), transaction():
        after_commit(lambda: done.append("never"))
        raise ValueError("refused")
    with transaction():
        pass
    assert done == []


def test_outside_a_transaction_it_follows_at_once(in_acme: None) -> None:
    done: list[str] = []
    after_commit(lambda: done.append("now"))
    assert done == ["now"]
