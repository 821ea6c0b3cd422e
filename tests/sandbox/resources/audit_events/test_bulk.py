"""Narrow rows by the thousand: the same rows and the same indexes, whether the table was empty or not."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from sandbox.foundation.database import db, transaction
from sandbox.resources.audit_events import seal
from sandbox.resources.audit_events.storage import SEALED
from tests.sandbox.resources.audit_events.conftest import a_line

INDEXES = {f"ix_sealed_events_{name}" for name in ("ingested", "occurred", "actor", "action")}


def indexes() -> set[str | None]:
    return {index["name"] for index in inspect(db.engine).get_indexes("sealed_events")}


@pytest.mark.storage
@pytest.mark.usefixtures("in_acme")
def test_every_index_is_there_behind_the_first_history_and_behind_the_next() -> None:
    for history in ("first", "second"):
        with transaction() as session:
            assert seal.seal_history(session, history, map(a_line, range(1, 21))) == 20
        assert indexes() == INDEXES


@pytest.mark.storage
@pytest.mark.usefixtures("in_acme")
def test_rows_hold_what_the_lines_say() -> None:
    with transaction() as session:
        seal.seal_history(session, "history", map(a_line, range(1, 4)))
    rows = db.session.execute(select(SEALED).order_by(SEALED.c.sequence)).mappings()
    columns = ("occurred_at", "ingested_at", "action", "outcome", "actor_id")
    given = [{**dict(zip(columns, a_line(number)[1:], strict=True)), "sequence": number} for number in (1, 2, 3)]
    told = [{name: row[name] for name in ("sequence", *columns)} for row in rows]
    for row in told:
        row["occurred_at"], row["ingested_at"] = (round(row[n].timestamp() * 1000) for n in columns[:2])
    assert told == given


@pytest.mark.storage
def test_history_that_breaks_off_leaves_neither_rows_nor_missing_indexes(app: Flask, in_acme: None) -> None:
    def breaks_off() -> object:
        yield a_line(1)
        raise ConnectionError("the teller is gone")

    with pytest.raises(ConnectionError), transaction() as session:
        seal.seal_history(session, "history", breaks_off())  # type: ignore[arg-type]
    assert indexes() == INDEXES
    assert db.session.execute(select(SEALED.c.sequence)).first() is None
