"""The rules of security contacts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.problems import Conflict
from sandbox.resources.security_contacts import service
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.mark.storage
def test_address_belongs_to_one_contact_however_it_is_capitalized(in_acme: None) -> None:
    builders.a_security_contact(email="security@acme.example")
    with pytest.raises(Conflict):
        service.create(name="Again", email="Security@Acme.Example", purposes=["privacy"])


@pytest.mark.storage
def test_change_tells_what_stood_there_before(client: FlaskClient, anything: Headers, acme: Enter, logged: Any) -> None:
    with acme():
        path = f"/v1/security-contacts/{builders.a_security_contact(email='old@acme.example').id}"
    etag = client.get(path, headers=anything).headers["ETag"]
    client.patch(path, headers={**anything, "If-Match": etag}, json={"email": "New@acme.example"})
    assert logged()[-1]["changes"] == [{"field": "email", "old": "old@acme.example", "new": "new@acme.example"}]


def test_list_finds_an_address(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        wanted = builders.a_security_contact(email="security@acme.example").id
        builders.a_security_contact()
    rows = client.get("/v1/security-contacts?email=SECURITY@acme.example", headers=anything).get_json()["data"]
    assert [row["id"] for row in rows] == [wanted]


def test_change_needs_the_version_it_was_made_from(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        path = f"/v1/security-contacts/{builders.a_security_contact().id}"
    assert client.patch(path, headers=anything, json={"name": "x"}).status_code == 428
