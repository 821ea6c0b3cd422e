"""The seeded tenant: consistent, the same each time, and refused in production."""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, func, select, update

from sandbox.app import create_app
from sandbox.cli import main
from sandbox.foundation.clock import to_wire
from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.server_facts import prepare_schema
from sandbox.foundation.tenancy import enter
from sandbox.foundation.tenancy_guard import owned_tables
from sandbox.lab import going_back, image, population
from sandbox.resources.api_tokens.model import ApiToken
from sandbox.resources.apps import service as apps
from sandbox.resources.apps.model import App
from sandbox.resources.audit_events import service
from sandbox.resources.configuration.catalog import CATALOG
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.grants.model import Grant
from sandbox.resources.identity_providers.model import Exemption, IdentityProvider
from sandbox.resources.log_streams.model import LogStream
from sandbox.resources.network_policies.model import NetworkPolicy
from sandbox.resources.security_contacts.model import SecurityContact
from sandbox.resources.service_accounts.model import ServiceAccount
from sandbox.resources.users.model import User
from tests.sandbox.lab.conftest import SEEDED

Seeded = Callable[..., Flask]


def test_seeded_log_is_unbroken(seeded: Seeded) -> None:
    with seeded().app_context(), enter("acme"):
        assert service.verify()["verified"]


def test_same_profile_and_seed_give_the_same_log(seeded: Seeded, tmp_path: Path) -> None:
    """Byte for byte: the hash of the last event covers all before it."""
    with seeded().app_context(), enter("acme"):
        first = service.verify()["head"]["hash"]
    settings = dataclasses.replace(SEEDED, database_url=f"sqlite:///{tmp_path / 'again.sqlite'}")
    with create_app(settings).app_context():
        prepare_schema()
        population.populate(settings)
        with enter("acme"):
            assert service.verify()["head"]["hash"] == first
        db.engine.dispose()


def test_second_process_tells_the_same_log_as_one_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command has one thread and begins to tell before anything else; with one core it tells as it goes."""
    two, one = tmp_path / "two.sqlite", tmp_path / "one.sqlite"
    assert command(two).returncode == 0
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert CliRunner().invoke(main, ["seed", "--database", str(one), "--profile", "mini"]).exit_code == 0
    assert head_of(two) == head_of(one)


def head_of(database: Path) -> tuple[int, str]:
    with closing(sqlite3.connect(database)) as connection:
        sequence, last = connection.execute("SELECT sequence, hash FROM audit_heads").fetchone()
    return sequence, last


@pytest.mark.storage
def test_population_is_whole_or_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(SEEDED, database_url=app.config["SETTINGS"].database_url, default_tenant="whole")

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    with app.app_context():
        monkeypatch.setattr(population.image, "save", breaks)
        with pytest.raises(RuntimeError):
            population.populate(settings)
        monkeypatch.undo()
        population.populate(settings)
        with enter("whole"):
            assert db.session.scalar(select(func.count()).select_from(User)) == 20
            assert db.session.scalar(select(func.count()).select_from(File)) == 861
            assert service.verify()["verified"]


def test_seeded_apps_and_grants_are_judged_as_live_ones_are(seeded: Seeded) -> None:
    """What was planned without the server agrees with what the server would say of it."""
    with seeded().app_context(), enter("acme"):
        for app in db.session.scalars(select(App).where(App.client_id.like("cli_%"))):
            assert app.permission_level == apps.permission_level(frozenset(app.scope.split())), app.name
        used = [grant for grant in db.session.scalars(select(Grant)) if grant.uses]
        assert any(grant.unused_scopes for grant in used)
        assert all(max(grant.uses.values()) == to_wire(grant.last_used_at) for grant in used if grant.last_used_at)


@pytest.mark.storage
def test_reset_brings_every_row_back_as_it_was(app: Flask) -> None:
    settings = dataclasses.replace(SEEDED, database_url=app.config["SETTINGS"].database_url, default_tenant="whole")

    def rows() -> dict[str, list[str]]:
        tables = [table for table in Model.metadata.sorted_tables if table.name in owned_tables() - image.NOT_IN_IMAGE]
        return {
            table.name: sorted(map(repr, db.session.execute(select(table).where(table.c.tenant_id == "whole"))))
            for table in tables
        }

    with app.app_context():
        population.populate(settings)
        with enter("whole"):
            before = rows()
            with transaction() as session:
                session.execute(delete(FileShare))
                session.execute(update(File).values(name="taken", deleted_at=None))
            assert rows() != before
            going_back.reset()
            assert rows() == before


def test_machines_and_safeguards_are_there_and_nobody_knows_a_token(app: Flask) -> None:
    settings = dataclasses.replace(SEEDED, database_url=app.config["SETTINGS"].database_url, default_tenant="guarded")
    with app.app_context():
        population.populate(settings)
        with enter("guarded"):
            tables = (ServiceAccount, ApiToken, NetworkPolicy, SecurityContact, LogStream, IdentityProvider, Exemption)
            counts = [db.session.scalar(select(func.count()).select_from(table)) for table in tables]
            hashes = set(db.session.scalars(select(ApiToken.token_hash)))
    assert (counts, len(hashes)) == ([2, 6, 2, 2, 2, 1, 1], 6)


def test_seed_command_fills_once_and_tells_what_there_is(tmp_path: Path) -> None:
    command = ["seed", "--database", str(tmp_path / "c.sqlite"), "--profile", "mini", "--json"]
    first, second = (CliRunner().invoke(main, command) for _ in range(2))
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert (told["tenant"], told["people"], told["settings"]) == ("acme", 20, len(CATALOG))
    assert json.loads(second.stdout)["events"] == told["events"]


def test_unknown_profile_is_named_with_those_there_are(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["seed", "--database", str(tmp_path / "c.sqlite"), "--profile", "huge"])
    assert done.exit_code == 2
    assert "huge" in done.stderr
    assert "small" in done.stderr


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_production_refuses_a_database_with_development_identities(seeded_file: Path) -> None:
    done = CliRunner().invoke(main, ["serve", "--port", "0", "--database", str(seeded_file), "--production"])
    assert done.exit_code == 2
    assert "development identities" in done.stderr


def command(database: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `sandbox seed` as people do: in a process of its own, which has imported nothing yet."""
    arguments = [
        sys.executable,
        "-m",
        "sandbox.cli",
        "seed",
        "--database",
        str(database),
        "--profile",
        "mini",
        "--json",
    ]
    surroundings = {**os.environ, **environment}  # noqa: TID251 - handed on to the command
    return subprocess.run(arguments, capture_output=True, text=True, check=False, env=surroundings)


def test_production_makes_a_database_without_development_identities_that_the_sandbox_can_open(tmp_path: Path) -> None:
    made = command(tmp_path / "p.sqlite", SANDBOX_PRODUCTION="true")
    assert (made.returncode, json.loads(made.stdout)["people"]) == (0, 20), made.stderr
    again, opened = command(tmp_path / "p.sqlite", SANDBOX_PRODUCTION="true"), command(tmp_path / "p.sqlite")
    assert (again.returncode, opened.returncode) == (0, 0), opened.stderr


def test_production_says_why_it_refuses_a_database_of_the_sandbox(seeded_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mini.sqlite"
    copy.write_bytes(seeded_file.read_bytes())
    refused = command(copy, SANDBOX_PRODUCTION="true")
    assert refused.returncode == 2
    assert "development identities" in refused.stderr


def test_client_can_be_registered_with_given_values(seeded_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mini.sqlite"
    copy.write_bytes(seeded_file.read_bytes())
    base = [
        "client",
        "create",
        "--database",
        str(copy),
        "--json",
        "--client-id",
        "mine",
        "--auth-method",
        "client_secret_post",
    ]
    grant = ["--grant-type", "client_credentials", "--scope", "users:read audit:read"]
    made = CliRunner().invoke(main, [*base, *grant, "--secret", "s3cret"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["client_secret"] == "s3cret"
    again = CliRunner().invoke(main, [*base, *grant])
    assert (again.exit_code, "already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (
            ["--auth-method", "none", "--grant-type", "client_credentials", "--scope", "users:read"],
            "client_credentials",
        ),
        (
            ["--auth-method", "client_secret_basic", "--grant-type", "client_credentials", "--scope", "users:eat"],
            "The --scope may name",
        ),
        (
            ["--auth-method", "none", "--grant-type", "authorization_code", "--scope", "openid"],
            "The --redirect-uri options",
        ),
        (
            [
                "--auth-method",
                "none",
                "--grant-type",
                "authorization_code",
                "--scope",
                "openid",
                "--redirect-uri",
                "http://a.example/",
            ],
            "Number 1 of the --redirect-uri options",
        ),
    ],
)
def test_values_that_make_no_client_are_named(
    seeded_file: Path, tmp_path: Path, options: list[str], named: str
) -> None:
    copy = tmp_path / "mini.sqlite"
    copy.write_bytes(seeded_file.read_bytes())
    done = CliRunner().invoke(main, ["client", "create", "--database", str(copy), "--client-id", "x", *options])
    assert done.exit_code == 2
    assert named in done.stderr
