"""The identities and journeys of the authorization server's own tests, and a company that tests share."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from sandbox.app import create_app
from sandbox.foundation.database import db
from tests.sandbox.lab.conftest import SEEDED
from tests.sandbox.oauth.conftest import another, empty_database, go, identities, logged

__all__ = ["another", "empty_database", "go", "identities", "logged"]


@pytest.fixture(scope="session")
def seeded_app(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The seeded company, which can be reset."""
    path = tmp_path_factory.mktemp("faults") / "mini.sqlite"
    shutil.copyfile(seeded_file, path)
    app = create_app(dataclasses.replace(SEEDED, database_url=f"sqlite:///{path}"))
    yield app
    with app.app_context():
        db.engine.dispose()
