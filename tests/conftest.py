"""What every sandbox test stands on: an application with a fresh database, two tenants, and tokens that are really issued.

Tests marked `storage` run on SQLite and on PostgreSQL, or on the one that the marker names; all others on SQLite. Sockets
are closed except where a marker opens loopback.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, event, text, update
from sqlalchemy.exc import OperationalError

from sandbox.app import create_app
from sandbox.foundation import tenancy
from sandbox.foundation.actor import SYSTEM, acting_as
from sandbox.foundation.clock import milliseconds
from sandbox.foundation.database import Model, db
from sandbox.foundation.tenancy import Tenant, across_tenants
from sandbox.resources.audit_events import storage
from sandbox.settings import Settings
from tests import builders

POSTGRES = os.environ.get("HARBOR_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")  # noqa: TID251
UNDER_CI = os.environ.get("CI") == "true"  # noqa: TID251

# A test that is generated says the same every time, on a busy machine too; it changes when the test does.
hypothesis_settings.register_profile(
    "harbor",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("harbor")


_KINDS = {
    "sqlite": pytest.param("sqlite"),
    "postgresql": pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.enable_socket]),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        storage = metafunc.definition.get_closest_marker("storage")
        wanted = ("sqlite",) if storage is None else storage.args or ("sqlite", "postgresql")
        metafunc.parametrize("database_url", [_KINDS[name] for name in wanted], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not {"sockets", "postgres", "redis", "browser"} & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.disable_socket)


class Shared:
    """One application for all tests on SQLite: building it costs more than most tests do.

    `point_at` sends its connections to another file and clears what it remembers between requests.
    """

    def __init__(self, path: Path) -> None:
        self.path = self.template = path
        self.app = create_app(_settings(f"sqlite:///{path}"))
        with self.app.app_context():
            event.listen(db.engine, "do_connect", self._connect)
        _prepare(self.app)

    def point_at(self, path: Path) -> None:
        self.path = path
        with self.app.app_context():
            db.engine.dispose()
        kept = ("access.verdicts", "access.remembered", "access.noticed", "oauth.documents", "configuration.current")
        for memory in kept:
            self.app.extensions.pop(memory, None)
        self.app.extensions["rate_limit"].shelf.clear()
        self.app.extensions["lab.ledger"].spool.clear()
        storage.forget_blocks()

    def _connect(self, _: object, __: object, arguments: list[object], ___: object) -> None:
        arguments[0] = str(self.path)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    shared = Shared(tmp_path_factory.mktemp("template") / "empty.sqlite")
    yield shared
    with shared.app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def empty_database(shared: Shared) -> Path:
    """What the SQLite file of each test begins as; a folder of tests may begin with more."""
    return shared.template


@pytest.fixture(scope="session")
def postgres_schema() -> Iterator[str]:
    """The address of a schema of our own on PostgreSQL, with the tables."""
    schema = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(POSTGRES)
    try:
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError:
        if UNDER_CI:
            raise
        pytest.skip("PostgreSQL does not answer: start it, or name one in HARBOR_TEST_POSTGRES")
    url = f"{POSTGRES}?options=-csearch_path%3D{schema}"
    with create_app(_settings(url)).app_context():
        db.create_all()
        db.engine.dispose()
    yield url
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> str:
    """The address of a fresh database with schema and both tenants."""
    if getattr(request, "param", "sqlite") == "postgresql":
        url: str = request.getfixturevalue("postgres_schema")
        _empty(url)
        return url
    copy = tmp_path / "harbor.sqlite"
    shutil.copyfile(empty_database, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return _settings(database_url)


@pytest.fixture
def app(settings: Settings, shared: Shared) -> Iterator[Flask]:
    """The application on that database."""
    if settings.database_url.startswith("sqlite"):
        shared.point_at(Path(settings.database_url.removeprefix("sqlite:///")))
        yield shared.app
        return
    app = create_app(settings)
    with app.app_context():
        _add_tenants()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def in_acme(app: Flask) -> Iterator[None]:
    """Work in tenant acme, outside any request and as nobody in particular."""
    with app.app_context(), tenancy.enter("acme"), acting_as(SYSTEM):
        yield


@pytest.fixture
def acme(app: Flask) -> Callable[[], AbstractContextManager[None]]:
    """Enter tenant acme, as often as wanted: `with acme(): …`."""

    @contextmanager
    def enter() -> Iterator[None]:
        with app.app_context(), tenancy.enter("acme"):
            yield

    return enter


@pytest.fixture
def travel(app: Flask) -> Callable[[timedelta], None]:
    """Move business time on; what is entered afterwards lives in it."""

    def move(distance: timedelta) -> None:
        with app.app_context(), db.engine.begin() as connection:
            later = Tenant.clock_business + milliseconds(tenancy.clock.from_milliseconds(0) + distance)
            connection.execute(update(Tenant).where(Tenant.id == "acme").values(clock_business=later))

    return move


@pytest.fixture
def token(app: Flask) -> Callable[..., dict[str, str]]:
    """Issue a real access token: `token("roles:read", user_id=…)` gives the request's Authorization header."""

    def issue(scope: str, *, tenant: str = "acme", **given: Any) -> dict[str, str]:
        with app.app_context(), tenancy.enter(tenant):
            return {"Authorization": f"Bearer {builders.an_access_token(scope, **given)}"}

    return issue


def _settings(url: str) -> Settings:
    return Settings(
        database_url=url,
        public_urls=("http://localhost",),
        rate_limit="100000/minute",
        client_failure_rate_limit="100000/minute",
    )


def _prepare(app: Flask) -> None:
    with app.app_context():
        db.create_all()
        _add_tenants()
        db.engine.dispose()


def _add_tenants() -> None:
    for tenant_id in ("acme", "other"):
        builders.a_tenant(tenant_id)
    db.session.remove()


def _empty(url: str) -> None:
    names = ", ".join(f'"{name}"' for name in Model.metadata.tables)
    engine = create_engine(url)
    with across_tenants("an empty database for the next test"), engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} CASCADE"))
    engine.dispose()
