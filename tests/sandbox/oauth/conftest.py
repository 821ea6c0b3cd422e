"""The identities that the sandbox promises (three people, three clients), and a journey through the code flow.

`go` travels in a database of its own; `visitor` in one that tests share, which is quicker: for whoever changes nothing that
others would notice. Passwords are hashed cheaply: what scrypt costs is a matter of `test_passwords` alone.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from sandbox.access.client import hash_secret
from sandbox.access.scopes import API, EVERY_READ, EVERYTHING, MEMBER
from sandbox.app import create_app
from sandbox.foundation import tenancy
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db, transaction
from sandbox.oauth import passwords, remote
from sandbox.oauth.models.client_registration import InitialAccessToken
from sandbox.resources.audit_events.model import AuditEvent
from sandbox.resources.roles.model import Role
from sandbox.settings import Settings
from tests import builders
from tests.sandbox.oauth import journey
from tests.sandbox.oauth.journey import Journey
from tests.sandbox.oauth.keyed import a_key_client
from tests.stranger import Stranger, a_stranger

Acme = Callable[[], AbstractContextManager[Any]]


def add_identities() -> None:
    """Add people, roles and clients to the tenant that is entered."""
    for key, scopes in (("administrator", EVERYTHING), ("security_auditor", EVERY_READ), ("member", MEMBER)):
        builders.a_role(key=key, scope=" ".join(sorted(scopes)))
    for who, roles in (("admin", ["administrator"]), ("auditor", ["member", "security_auditor"]), ("user", ["member"])):
        hashed = passwords.hash_password(f"harbor-{who}", log2_n=4)
        person = builders.a_user(email=f"{who}@acme.example", name=who.title(), password_hash=hashed)
        for role in roles:
            builders.an_assignment(person.id, role)
    everything = " ".join(sorted(EVERYTHING))
    code = {"grant_types": ["authorization_code", "refresh_token"], "scope": everything}
    builders.a_client("demo-connector", secret_hash=hash_secret("demo-connector-secret"), scope=" ".join(API))
    secret = hash_secret("demo-web-secret")
    builders.a_client("demo-web", secret_hash=secret, redirect_uris=[journey.CALLBACK], **code)
    hashed = hash_secret(journey.REGISTRATION)
    with transaction() as session:
        session.add(InitialAccessToken(token_hash=hashed, name="Development", scope=everything))
    loopback = ["http://127.0.0.1/callback", "http://[::1]/callback"]
    native = {**code, "grant_types": [*code["grant_types"], journey.DEVICE_CODE], "redirect_uris": loopback}
    builders.a_client("demo-native", auth_method="none", secret_hash=None, **native)


@pytest.fixture(scope="session")
def empty_database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual empty database with the identities in both tenants."""
    path = tmp_path_factory.mktemp("identities") / "identities.sqlite"
    shutil.copyfile(empty_database, path)
    with create_app(Settings(database_url=f"sqlite:///{path}")).app_context():
        for tenant in ("acme", "other"):
            with tenancy.enter(tenant):
                add_identities()
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def standing(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that tests share."""
    path = tmp_path_factory.mktemp("standing") / "standing.sqlite"
    shutil.copyfile(empty_database, path)
    unlimited = {"sign_in_rate_limit": "100000/minute", "client_failure_rate_limit": "100000/minute"}
    app = create_app(Settings(database_url=f"sqlite:///{path}", **unlimited))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visitor(standing: Flask) -> Journey:
    """A journey with a fresh browser to the shared application."""
    return Journey(standing.test_client())


@pytest.fixture
def standing_client(standing: Flask) -> Journey:
    """A journey with another browser to the shared application."""
    return Journey(standing.test_client())


@pytest.fixture
def standing_elsewhere(standing: Flask) -> Journey:
    """A journey to the other tenant of the shared application."""
    return Journey(standing.test_client(), "/t/other")


@pytest.fixture
def identities(app: Flask, acme: Acme) -> None:
    """The identities on PostgreSQL too, where databases are not copied."""
    with acme():
        if db.session.scalars(select(Role)).first() is None:
            add_identities()


@pytest.fixture
def go(client: FlaskClient, identities: None) -> Journey:
    """A journey with a fresh browser."""
    return Journey(client)


@pytest.fixture
def another(app: Flask, identities: None) -> Journey:
    """A journey with another browser."""
    return Journey(app.test_client())


@pytest.fixture
def switched(settings: Settings, identities: None) -> Iterator[Callable[..., Journey]]:
    """`switched("private_key_jwt")`: a journey to another application on the same database, with these abilities off."""
    made: list[Flask] = []

    def switch(*off: str) -> Journey:
        made.append(create_app(dataclasses.replace(settings, oauth_off=off)))
        return Journey(made[-1].test_client())

    yield switch
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def configured(app: Flask) -> Iterator[Callable[..., None]]:
    """Change settings of the application for one test: `configured(registration="open")`."""
    before = app.config["SETTINGS"]

    def change(**values: Any) -> None:
        app.config["SETTINGS"] = dataclasses.replace(before, **values)

    yield change
    app.config["SETTINGS"] = before


@pytest.fixture
def logged(acme: Acme) -> Callable[..., list[dict[str, Any]]]:
    """Read the log, oldest event first: `logged("oauth.token.issued")`."""

    def read(*actions: str) -> list[dict[str, Any]]:
        with acme():
            rows = db.session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
            events = [orjson.loads(row.body) for row in rows]
        return [event for event in events if not actions or event["action"] in actions]

    return read


@pytest.fixture
def keyed(go: Journey, acme: Acme) -> Journey:
    """A journey where `keyed` is registered with the key of SIGNER."""
    with acme():
        a_key_client()
    return go


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """Another server, which shows what it is told to show."""
    with a_stranger() as made:
        yield made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let seconds pass for documents that are remembered."""
    offset = 0
    monkeypatch.setattr(remote, "wall_seconds", lambda: wall_seconds() + offset)

    def skip(seconds: int) -> None:
        nonlocal offset
        offset += seconds

    return skip
