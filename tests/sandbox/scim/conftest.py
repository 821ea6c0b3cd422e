"""A directory that provisions tenant acme, and what tests of resources share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.sandbox.resources.conftest import acme, anything, logged, statements, travel
from tests.sandbox.scim.directory import Directory

__all__ = ["acme", "anything", "logged", "statements", "travel"]


@pytest.fixture
def directory(client: FlaskClient, token: Callable[..., dict[str, str]]) -> Directory:
    return Directory(client, token("scim"))
