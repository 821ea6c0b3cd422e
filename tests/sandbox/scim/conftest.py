"""A directory that provisions tenant acme, and what tests of resources share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.sandbox.resources.conftest import anything, logged, statements
from tests.sandbox.scim.directory import Directory

__all__ = ["anything", "logged", "statements"]


@pytest.fixture
def directory(client: FlaskClient, token: Callable[..., dict[str, str]]) -> Directory:
    return Directory(client, token("scim"))
