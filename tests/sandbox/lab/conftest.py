from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from sandbox.app import create_app
from sandbox.foundation.database import db
from sandbox.foundation.server_facts import prepare_schema
from sandbox.lab.population import populate
from sandbox.settings import Settings

SEEDED = Settings(profile="mini", public_urls=("http://localhost",), rate_limit="100000/minute")


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the company of profile mini, made once."""
    path = tmp_path_factory.mktemp("seeded") / "mini.sqlite"
    settings = dataclasses.replace(SEEDED, database_url=f"sqlite:///{path}")
    with create_app(settings).app_context():
        prepare_schema()
        populate(settings)
        db.engine.dispose()
    return path


@pytest.fixture
def seeded(seeded_file: Path, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """`seeded(bind_host=…)`: an application on a fresh copy of it."""
    copy = tmp_path / "mini.sqlite"
    shutil.copyfile(seeded_file, copy)
    made: list[Flask] = []

    def make(**given: object) -> Flask:
        made.append(create_app(dataclasses.replace(SEEDED, database_url=f"sqlite:///{copy}", **given)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
