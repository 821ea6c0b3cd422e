"""Tenants, and the rule that no statement ever crosses from one to another by accident.

Three locks, one behind the other. `enter` opens a session of its own for one tenant and adds the tenant to every ORM
statement. The guard refuses any other statement (Core, `text()`, bulk) that names an owned table without the bound
tenant. PostgreSQL adds row-level security. All fail closed: without a tenant, owned tables cannot be touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Dialect, Float, ForeignKey, Integer, String, bindparam, event, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, mapped_column, with_loader_criteria

from sandbox.foundation import clock
from sandbox.foundation.database import Model, Scope, current_scope, db, of_driver, table_of, transaction
from sandbox.foundation.problems import NotFound


class TenancyViolation(RuntimeError):
    """A statement touched, or was about to touch, rows beyond the tenant that is entered. Always a bug."""


class Tenant(Model):
    """A customer organization of the vendor. `stamp` changes whenever cached decisions about access may be stale."""

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    stamp: Mapped[int] = mapped_column(Integer, default=1)
    epoch: Mapped[int] = mapped_column(Integer, default=1)
    clock_business: Mapped[int] = mapped_column(BigInteger)
    clock_wall: Mapped[int] = mapped_column(BigInteger)
    clock_rate: Mapped[float] = mapped_column(Float, default=1.0)


class TenantOwned:
    """Mixin of every table whose rows belong to one tenant; `tenant_id` leads the primary key."""

    tenant_id: Mapped[str] = mapped_column(
        ForeignKey("tenants.id"), primary_key=True, sort_order=-10, default=lambda: current_tenant_id()
    )


@dataclass(frozen=True, slots=True)
class TenantState:
    """What a request needs to know of its tenant: read once, when it is entered.

    Caches are keyed by `stamp`; cursors are sealed with `epoch`, which a reset, a restore or a clock move raises.
    """

    id: str
    name: str
    stamp: int
    epoch: int


def current_tenant_id() -> str:
    """Name the tenant that is entered; raises TenancyViolation outside any."""
    tenant_id = current_scope.get().tenant_id
    if tenant_id is None:
        raise TenancyViolation("No tenant is entered: wrap this in tenancy.enter(tenant_id).")
    return tenant_id


@contextmanager
def enter(tenant_id: str) -> Iterator[TenantState]:
    """Work for one tenant, in a clean session, with its clock; raises NotFound for an unknown tenant.

    The session is new because an identity map answers `get()` without asking the filter.
    """
    scope_token = current_scope.set(Scope(tenant_id))
    former_clock = clock.bound()
    try:
        tenant = _read_tenant(tenant_id)
        clock.bind(_clock(tenant))
        yield TenantState(tenant.id, tenant.name, tenant.stamp, tenant.epoch)
    finally:
        db.session.remove()
        current_scope.reset(scope_token)
        clock.bind(former_clock)


@contextmanager
def found(tenant: Tenant) -> Iterator[Session]:
    """Make a tenant together with what it begins with, in one transaction: it exists whole or not at all.

    Inside, the tenant is entered and its clock is bound.
    """
    scope_token = current_scope.set(Scope(tenant.id))
    former_clock = clock.bound()
    clock.bind(_clock(tenant))
    try:
        with transaction() as session:
            session.add(tenant)
            session.flush()
            yield session
    finally:
        db.session.remove()
        current_scope.reset(scope_token)
        clock.bind(former_clock)


@contextmanager
def across_tenants(why: str) -> Iterator[None]:
    """Work on all tenants at once, with the filter off; `why` is for the reader, and must not be empty."""
    if not why:
        raise TenancyViolation("Crossing tenants needs a reason.")
    token = current_scope.set(Scope(None, unfiltered=True))
    try:
        yield
    finally:
        db.session.remove()
        current_scope.reset(token)


def clocks() -> dict[str, clock.Clock]:
    """Tell the clock of every tenant."""
    columns = (Tenant.id, Tenant.clock_business, Tenant.clock_wall, Tenant.clock_rate)
    return {row.id: _clock(row) for row in db.session.execute(select(*columns))}


def touch() -> None:
    """Declare that decisions about access may have changed: every cache of this tenant is stale from the commit on."""
    db.session.execute(update(Tenant).where(Tenant.id == current_tenant_id()).values(stamp=Tenant.stamp + 1))


def is_empty() -> bool:
    """Tell whether the database holds no tenant at all."""
    return db.session.execute(select(Tenant.id).limit(1)).first() is None


class _Row(NamedTuple):
    id: str
    name: str
    stamp: int
    epoch: int
    clock_business: int
    clock_wall: int
    clock_rate: float


_TENANT = select(*(table_of(Tenant).c[name] for name in _Row._fields)).where(Tenant.id == bindparam("tenant"))


def _read_tenant(tenant_id: str) -> _Row:
    """Read a tenant's row, through the driver and outside any transaction, since every request begins with it."""
    dialect, connection = db.engine.dialect, None
    try:
        connection = db.engine.raw_connection()
        cursor = connection.cursor()
        cursor.execute(_tenant_sql(dialect), {"tenant": tenant_id})
        found = cursor.fetchone()
        cursor.close()
    except dialect.loaded_dbapi.Error as error:
        raise of_driver(error, _tenant_sql(dialect), dialect) from error
    finally:
        if connection is not None:
            connection.close()
    if found is None:
        raise NotFound(f"There is no tenant {tenant_id!r} here.", tenant=tenant_id)
    return _Row(*found)


@cache
def _tenant_sql(dialect: Dialect) -> str:
    return str(_TENANT.compile(dialect=dialect))


def _clock(tenant: Any) -> clock.Clock:
    """Make the clock of a tenant, given as its row or as the model."""
    business, wall = clock.from_milliseconds(tenant.clock_business), clock.from_milliseconds(tenant.clock_wall)
    return clock.Clock(business, wall, tenant.clock_rate)


@event.listens_for(db.session, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    scope = current_scope.get()
    if scope.unfiltered or not state.is_orm_statement or state.is_column_load:
        return  # Core statements are the guard's; a refresh names the whole primary key, tenant first.
    if scope.tenant_id is None:
        return  # The guard refuses whatever names an owned table.
    state.statement = state.statement.options(_only(scope.tenant_id))


@lru_cache(maxsize=1024)
def _only(tenant_id: str) -> Any:
    """Make the filter of one tenant, once: it is the same for every statement, and making it costs as much as some do."""
    return with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)


@event.listens_for(db.session, "before_flush")
def _refuse_foreign_rows(session: Session, *_: object) -> None:
    scope = current_scope.get()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantOwned) and not scope.unfiltered:
            owner: str | None = row.tenant_id
            if owner is None:  # A new row that did not say whose it is.
                row.tenant_id = owner = current_tenant_id()
            if owner != scope.tenant_id:
                raise TenancyViolation(f"A {type(row).__name__} of tenant {row.tenant_id!r} is not ours to write.")


@event.listens_for(db.session, "after_begin")
def _tell_postgresql(_: Session, __: SessionTransaction, connection: Connection) -> None:
    """Name the tenant to PostgreSQL for this transaction; its row-level security policies read it."""
    if connection.dialect.name == "postgresql":
        scope = current_scope.get()
        name = "*" if scope.unfiltered else scope.tenant_id or ""
        connection.exec_driver_sql("SELECT set_config('harbor.tenant', %(tenant)s, true)", {"tenant": name})
