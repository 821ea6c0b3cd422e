"""Tenancy fails closed, whatever kind of statement is used (ORM, Core, text, bulk, joins, subqueries, get)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.tenancy import TenancyViolation, across_tenants, enter
from sandbox.resources.roles.model import Role
from sandbox.resources.users.model import RoleAssignment, User
from tests import builders

ROLES = Role.__table__
FOREIGN_READS = [
    select(ROLES),
    select(ROLES).where(ROLES.c.tenant_id == "other"),
    select(ROLES.c.id).where(ROLES.c.tenant_id.in_(["acme", "other"])),
    select(ROLES.c.id).join(User.__table__, User.__table__.c.tenant_id == ROLES.c.tenant_id),
    select(1).where(select(ROLES.c.id).exists()),
    text("SELECT * FROM roles"),
    text("SELECT * FROM roles r, users u WHERE r.tenant_id = 'acme'"),
    text("UPDATE roles SET tenant_id = 'acme'"),
    text("DELETE FROM roles"),
    text("INSERT INTO roles (id, key, name, scope) VALUES ('x', 'x', 'x', '')"),
    update(ROLES).values(name="taken"),
    delete(ROLES),
    insert(ROLES).values(tenant_id="other", id="rol_x", key="x", name="x", scope=""),
]


@pytest.fixture
def two_tenants(app: Flask) -> Flask:
    with app.app_context():
        for tenant in ("acme", "other"):
            with enter(tenant):
                builders.a_role(id="rol_same", key="same", name=tenant)
                builders.a_role(id=f"rol_{tenant}", key=tenant, name=tenant)
    return app


@pytest.mark.storage
def test_orm_statement_sees_one_tenant_only(two_tenants: Flask) -> None:
    with two_tenants.app_context(), enter("acme"):
        assert {role.name for role in db.session.scalars(select(Role))} == {"acme"}


@pytest.mark.storage
def test_get_finds_nothing_of_another_tenant(two_tenants: Flask) -> None:
    with two_tenants.app_context(), enter("acme"):
        assert db.session.get(Role, ("other", "rol_same")) is None
        assert db.session.get(Role, ("acme", "rol_same")) is not None


@pytest.mark.storage
def test_alias_and_subquery_see_one_tenant_only(two_tenants: Flask) -> None:
    other = aliased(Role)
    with two_tenants.app_context(), enter("acme"):
        pairs = db.session.execute(select(Role.name, other.name).join(other, other.key == Role.key)).all()
        inner = db.session.scalars(select(Role.name).where(Role.id.in_(select(other.id)))).all()
    assert set(pairs) == {("acme", "acme")}
    assert set(inner) == {"acme"}


@pytest.mark.storage
@pytest.mark.parametrize("statement", FOREIGN_READS, ids=lambda statement: " ".join(str(statement).split())[:60])
def test_statement_without_the_bound_tenant_is_refused(two_tenants: Flask, statement: object) -> None:
    with two_tenants.app_context(), enter("acme"), pytest.raises(TenancyViolation), transaction() as session:
        session.execute(statement)  # type: ignore[call-overload]


@pytest.mark.storage
def test_bulk_insert_into_another_tenant_is_refused(two_tenants: Flask) -> None:
    rows = [
        {"tenant_id": tenant, "id": f"rol_{tenant}2", "key": "b", "name": "b", "scope": ""}
        for tenant in ("acme", "other")
    ]
    with two_tenants.app_context(), enter("acme"), pytest.raises(TenancyViolation), transaction() as session:
        session.execute(insert(Role), rows)


@pytest.mark.storage
def test_core_statement_with_the_bound_tenant_works(two_tenants: Flask) -> None:
    with two_tenants.app_context(), enter("acme"):
        by_core = db.session.execute(select(ROLES.c.name).where(ROLES.c.tenant_id == "acme")).scalars().all()
        by_text = (
            db.session.execute(text("SELECT name FROM roles WHERE tenant_id = :me"), {"me": "acme"}).scalars().all()
        )
    assert set(by_core) == set(by_text) == {"acme"}


def test_orm_object_of_another_tenant_is_refused(two_tenants: Flask) -> None:
    with two_tenants.app_context(), enter("acme"), pytest.raises(TenancyViolation), transaction() as session:
        session.add(Role(tenant_id="other", id="rol_y", key="y", name="y", scope=""))


def test_owned_table_cannot_be_touched_outside_any_tenant(two_tenants: Flask) -> None:
    with two_tenants.app_context(), pytest.raises(TenancyViolation):
        db.session.scalars(select(Role)).all()


def test_crossing_tenants_needs_a_reason(two_tenants: Flask) -> None:
    with two_tenants.app_context():
        with pytest.raises(TenancyViolation), across_tenants(""):
            pass
        with across_tenants("count what exists"):
            assert len(db.session.scalars(select(Role)).all()) == 4


def test_entering_an_unknown_tenant_is_not_found(app: Flask) -> None:
    with app.app_context(), pytest.raises(NotFound), enter("nobody"):
        pass


def test_session_of_one_tenant_does_not_serve_the_next(two_tenants: Flask) -> None:
    """The identity map answers get() without asking the filter, so each tenant has a session of its own."""
    with two_tenants.app_context(), enter("other"):
        foreign = db.session.get(Role, ("other", "rol_other"))
        assert foreign is not None
        with enter("acme"):
            assert foreign not in db.session
            assert db.session.get(Role, ("other", "rol_other")) is None


@pytest.mark.storage
def test_assignments_join_within_the_tenant(two_tenants: Flask) -> None:
    with two_tenants.app_context(), enter("acme"):
        user = builders.a_user()
        with transaction() as session:
            session.add(RoleAssignment(role_key="same", user_id=user.id))
        joined = select(Role.name).join(RoleAssignment, RoleAssignment.role_key == Role.key)
        assert db.session.scalars(joined).all() == ["acme"]


@pytest.mark.postgres
@pytest.mark.enable_socket
@pytest.mark.storage
def test_postgresql_itself_holds_foreign_rows_back(two_tenants: Flask, database_url: str) -> None:
    """Row-level security answers an ordinary database role even when no lock of ours is in the way."""
    if not database_url.startswith("postgresql"):
        return
    schema = database_url.rsplit("%3D", 1)[1]
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {schema}_app NOLOGIN"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {schema}_app"))
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {schema}_app"))
    try:
        with across_tenants("the guard is off, so that only PostgreSQL is asked"), engine.begin() as connection:
            connection.execute(text(f"SET LOCAL ROLE {schema}_app"))
            connection.execute(text("SELECT set_config('harbor.tenant', 'acme', true)"))
            assert set(connection.execute(text("SELECT name FROM roles")).scalars()) == {"acme"}
        with across_tenants("as above"), pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(f"SET LOCAL ROLE {schema}_app"))
            connection.execute(text("SELECT set_config('harbor.tenant', 'acme', true)"))
            connection.execute(ROLES.insert().values(tenant_id="other", id="z", key="z", name="z", scope=""))
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {schema}_app"))
            connection.execute(text(f"DROP ROLE {schema}_app"))
        engine.dispose()


@pytest.mark.storage
def test_rows_that_are_written_in_one_statement_stay_within_the_tenant(two_tenants: Flask) -> None:
    """With RETURNING, SQLAlchemy hands over the parameters of all rows in one mapping."""

    def rows(*tenants: str) -> list[dict[str, str]]:
        return [
            {"tenant_id": tenant, "id": f"rol_{number}", "key": f"k{number}", "name": "n", "scope": ""}
            for number, tenant in enumerate(tenants)
        ]

    with two_tenants.app_context(), enter("acme"), transaction() as session:
        with pytest.raises(TenancyViolation):
            session.execute(insert(ROLES).returning(ROLES.c.id), rows("acme", "other"))
        added = session.scalars(insert(ROLES).returning(ROLES.c.id), rows("acme", "acme"))
        assert sorted(added) == ["rol_0", "rol_1"]
