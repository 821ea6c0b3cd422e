"""Rows that go straight to the driver are like any others, and belong to the tenant that is entered."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.foundation.bulk import load_rows
from sandbox.foundation.clock import milliseconds, now
from sandbox.foundation.database import db, table_of, transaction
from sandbox.foundation.tenancy import TenancyViolation, across_tenants, enter
from sandbox.resources.groups.model import Group

COLUMNS = ("id", "name", "description", "type", "created_at", "updated_at")


@pytest.mark.storage
def test_loaded_rows_are_those_of_the_tenant_that_is_entered(app: Flask) -> None:
    with app.app_context():
        with enter("acme"), transaction() as session:
            moment = now()
            rows = [
                (f"grp_{number}", f"Group {number}", "", "team", *[milliseconds(moment)] * 2) for number in range(3)
            ]
            load_rows(session, table_of(Group), COLUMNS, rows)
            made = session.scalars(select(Group).order_by(Group.id)).all()
            assert [(group.id, group.tenant_id, group.created_at) for group in made] == [
                (f"grp_{number}", "acme", moment) for number in range(3)
            ]
        with enter("other"):
            assert db.session.scalars(select(Group)).all() == []


@pytest.mark.storage
def test_rows_go_with_a_transaction_that_is_rolled_back(in_acme: None) -> None:
    moment = milliseconds(now())
    with pytest.raises(RuntimeError), transaction() as session:
        load_rows(session, table_of(Group), COLUMNS, [("grp_1", "One", "", "team", moment, moment)])
        raise RuntimeError
    assert db.session.scalars(select(Group)).all() == []


def test_nothing_is_loaded_outside_any_tenant(app: Flask) -> None:
    with app.app_context(), across_tenants("a test"), pytest.raises(TenancyViolation), transaction() as session:
        load_rows(session, table_of(Group), COLUMNS, [])
