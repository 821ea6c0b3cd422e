"""A security team that works through the API alone: `setting(key, value)` decides with the ETag that it read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.sandbox.oauth.conftest import another, empty_database, go, identities
from tests.sandbox.resources.conftest import anything, logged

__all__ = ["another", "anything", "empty_database", "go", "identities", "logged"]

Setting = Callable[[str, Any], None]


@pytest.fixture
def setting(client: FlaskClient, anything: dict[str, str]) -> Setting:
    def decide(key: str, value: Any) -> None:
        path = f"/v1/configuration/{key}"
        etag = client.get(path, headers=anything).headers["ETag"]
        answer = client.patch(path, headers={**anything, "If-Match": etag}, json={"value": value})
        assert answer.status_code == 200, answer.get_json()

    return decide
