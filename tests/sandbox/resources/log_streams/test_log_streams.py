"""The rules of log streams."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.foundation.problems import Conflict
from sandbox.resources.log_streams import service
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]


@pytest.mark.storage
def test_switching_has_a_name_of_its_own_in_the_log(
    client: FlaskClient, anything: Headers, acme: Enter, logged: Any
) -> None:
    with acme():
        path = f"/v1/log-streams/{builders.a_log_stream().id}"
    before = len(logged())
    for body in ({"status": "disabled"}, {"status": "enabled", "name": "SIEM"}, {"name": "Archive"}):
        etag = client.get(path, headers=anything).headers["ETag"]
        client.patch(path, headers={**anything, "If-Match": etag}, json=body)
    actions = [event["action"] for event in logged()[before:]]
    assert actions == ["log_stream.disabled", "log_stream.enabled", "log_stream.updated"]


def test_change_that_changes_nothing_leaves_no_trace(in_acme: None) -> None:
    stream = builders.a_log_stream()
    moment = stream.updated_at
    assert service.update(stream.id, name=stream.name, status="enabled").updated_at == moment


@pytest.mark.storage
def test_name_belongs_to_one_stream(in_acme: None) -> None:
    first, second = builders.a_log_stream(), builders.a_log_stream()
    name = first.name
    with pytest.raises(Conflict):
        service.update(second.id, name=name)


def test_list_gives_streams_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        one = builders.a_log_stream(type="syslog").id
        two = builders.a_log_stream(status="disabled").id
    expected = {"type=syslog": [one], "status=disabled": [two], "status=enabled": [one], "type=https": [two]}
    rows = {query: client.get(f"/v1/log-streams?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["id"] for row in found] for query, found in rows.items()} == expected


def test_change_needs_the_version_it_was_made_from(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        path = f"/v1/log-streams/{builders.a_log_stream().id}"
    assert client.patch(path, headers=anything, json={"name": "x"}).status_code == 428
