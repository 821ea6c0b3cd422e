"""A tenant gets the limits of another vendor while the server runs, and nobody else does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.http.limits.header_styles import STYLES
from tests.howto import follow
from tests.live import serving

Token = Callable[..., dict[str, str]]


def ask(client: FlaskClient, token: Token, **more: Any) -> Any:
    return client.get("/v1/roles", headers=token("roles:read", **more))


def test_limits_are_those_of_the_server_at_first(client: FlaskClient) -> None:
    assert client.get("/_lab/limits").json == {"client": "100000/minute", "tenant": "", "headers": "harbor"}


@pytest.mark.storage
def test_own_limits_count_from_the_next_request_on(client: FlaskClient, token: Token) -> None:
    set_ = client.put("/_lab/limits", json={"client": "1/hour", "headers": "okta-like"})
    assert set_.json == {"client": "1/hour", "tenant": "", "headers": "okta-like"} == client.get("/_lab/limits").json
    first, second = ask(client, token), ask(client, token)
    assert (first.status_code, first.headers["X-Rate-Limit-Remaining"]) == (200, "0")
    assert second.status_code == 429
    assert "RateLimit-Limit" not in first.headers
    assert "Retry-After" not in second.headers


@pytest.mark.storage
def test_dropped_limits_are_gone(client: FlaskClient, token: Token) -> None:
    client.put("/_lab/limits", json={"client": "1/hour"})
    ask(client, token)
    assert client.delete("/_lab/limits").json == {"client": "100000/minute", "tenant": "", "headers": "harbor"}
    assert ask(client, token).status_code == 200


def test_limit_of_the_tenant_is_shared_by_its_clients(client: FlaskClient, token: Token) -> None:
    client.put("/_lab/limits", json={"tenant": "2/hour"})
    answers = [ask(client, token, client_id=name).status_code for name in ("first", "second", "third")]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"client": "many"}, "/client"),
        ({"tenant": "0/minute"}, "/tenant"),
        ({"headers": "yours"}, "/headers"),
        ({"clients": "1/hour"}, "/clients"),
        ({"client": 5}, "/client"),
    ],
)
def test_bad_limit_is_named_and_changes_nothing(client: FlaskClient, given: dict[str, Any], named: str) -> None:
    refused = client.put("/_lab/limits", json=given)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, named)
    assert client.get("/_lab/limits").json["client"] == "100000/minute"


@pytest.mark.parametrize("style", STYLES)
def test_every_style_can_be_asked_for(client: FlaskClient, token: Token, style: str) -> None:
    client.put("/_lab/limits", json={"client": "1/hour", "headers": style})
    ask(client, token)
    refused = ask(client, token)
    told = {name for name, _ in refused.headers if "limit" in name.lower() or name == "Retry-After"}
    assert refused.status_code == 429
    assert bool(told) is (style != "silent")


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_howto_runs_as_it_stands(seeded_file: Path, tmp_path: Path) -> None:
    shutil.copyfile(seeded_file, tmp_path / "mini.sqlite")
    with serving(f"sqlite:///{tmp_path / 'mini.sqlite'}", tmp_path, workers=1) as url:
        follow("practise-limits.md", url)
