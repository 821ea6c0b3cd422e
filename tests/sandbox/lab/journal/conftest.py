"""The identities and journeys of the authorization server's own tests; each test begins with an empty journal."""

from __future__ import annotations

import pytest
from flask import Flask

from sandbox.lab.journal.recorder import RING
from sandbox.lab.journal.ring import Ring
from tests.sandbox.oauth.conftest import empty_database, go, identities, standing

__all__ = ["empty_database", "go", "identities", "standing"]


@pytest.fixture
def app(app: Flask) -> Flask:
    app.extensions[RING] = Ring()
    return app
