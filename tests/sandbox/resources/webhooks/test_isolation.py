"""PostgreSQL itself keeps the webhooks of one tenant, and what waits for them, from an ordinary role of another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from sandbox.foundation.tenancy import across_tenants, enter
from tests import builders

pytestmark = pytest.mark.storage("postgresql")
TABLES = ("webhooks", "outbox")


@pytest.fixture
def ordinary(app: Flask, database_url: str) -> Iterator[Engine]:
    """An engine whose role `…_app` is no superuser; each tenant has a webhook and a message."""
    for tenant_id in ("acme", "other"):
        with app.app_context(), enter(tenant_id):
            builders.a_delivery(builders.a_webhook(id=f"whk_{tenant_id}").id)
    schema = database_url.rsplit("%3D", 1)[1]
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {schema}_app NOLOGIN"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {schema}_app"))
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {schema}_app"))
    yield engine
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {schema}_app"))
        connection.execute(text(f"DROP ROLE {schema}_app"))
    engine.dispose()


@contextmanager
def acting(engine: Engine, tenant_id: str | None) -> Iterator[Connection]:
    """Ask only PostgreSQL: the guard is off."""
    with across_tenants("the guard is off"), engine.begin() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
        connection.execute(text(f"SET LOCAL ROLE {schema}_app"))
        if tenant_id is not None:
            connection.execute(text("SELECT set_config('harbor.tenant', :tenant, true)"), {"tenant": tenant_id})
        yield connection


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("tenant_id", "seen"), [("acme", {"acme"}), ("other", {"other"}), (None, set())])
def test_rows_of_other_tenants_are_not_seen(
    ordinary: Engine, table: str, tenant_id: str | None, seen: set[str]
) -> None:
    with acting(ordinary, tenant_id) as connection:
        assert set(connection.execute(text(f"SELECT tenant_id FROM {table}")).scalars()) == seen


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_other_tenants_are_neither_changed_nor_taken_over(ordinary: Engine, table: str) -> None:
    with acting(ordinary, "acme") as connection:
        changed = connection.execute(text(f"UPDATE {table} SET status = 'taken' WHERE tenant_id = 'other'"))
        gone = connection.execute(text(f"DELETE FROM {table} WHERE tenant_id = 'other'"))
        assert (changed.rowcount, gone.rowcount) == (0, 0)
    with pytest.raises(DBAPIError, match="row-level security"), acting(ordinary, "acme") as connection:
        connection.execute(text(f"UPDATE {table} SET tenant_id = 'other'"))
