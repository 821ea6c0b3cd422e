"""U+0000 is a mistake of the caller wherever it comes in, never one of the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.access.scopes import API


@pytest.mark.storage
def test_nul_is_refused_in_path_query_and_body(client: FlaskClient, token: Callable[..., dict[str, str]]) -> None:
    """PostgreSQL cannot store it, so it must not get that far."""
    headers = token(" ".join(API))
    requests: dict[tuple[str, str, str | None], Any] = {
        ("GET", "/v1/users/usr_%00", None): None,
        ("POST", "/v1/users/usr_%00/suspend", None): {"reason": "x"},
        ("GET", "/v1/users?email=%00", "?email"): None,
        ("GET", "/v1/users?role=a%00", "?role"): None,
        ("GET", "/v1/audit-events?actor_id=%00", "?actor_id"): None,
        ("POST", "/v1/groups", "/name"): {"name": "a\x00"},
        ("POST", "/v1/groups", "/surprise/1/deep"): {"name": "a", "surprise": ["b", {"deep": "\x00"}]},
    }
    for (method, path, pointer), body in requests.items():
        answer = client.open(path, method=method, headers=headers, json=body)
        places = [error["pointer"] for error in answer.get_json().get("errors", [])]
        assert (answer.status_code, places) == ((400, [pointer]) if pointer else (404, [])), path
