"""A way out that leads nowhere, a webhook to be called, and something to be told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.resources.users import service as users
from tests import builders
from tests.sandbox.pump import Wire, connect

Acme = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
URL = "https://hooks.acme.example/harbor"


@pytest.fixture
def wire(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return connect(app, monkeypatch, at_once=False)


@pytest.fixture
def made(client: FlaskClient, anything: Headers, wire: Wire) -> dict[str, Any]:
    """A webhook for what happens to people, with its secret."""
    given = {"url": URL, "events": ["user.*", "access.denied"]}
    made: dict[str, Any] = client.post("/v1/webhooks", headers=anything, json=given).get_json()
    return made


def a_webhook(client: FlaskClient, headers: Headers, **given: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", headers=headers, json={"url": URL, "events": ["user.*"], **given})
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def switch(client: FlaskClient, headers: Headers, hook: dict[str, Any], status: str) -> None:
    path = f"/v1/webhooks/{hook['id']}"
    etag = client.get(path, headers=headers).headers["ETag"]
    assert client.patch(path, headers={**headers, "If-Match": etag}, json={"status": status}).status_code == 200


def something_happens(acme: Acme) -> None:
    with acme():
        users.suspend(builders.a_user().id)


def deliveries(client: FlaskClient, headers: Headers, hook: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get(f"/v1/webhooks/{hook['id']}/deliveries", headers=headers).get_json()[
        "data"
    ]
    return listed
