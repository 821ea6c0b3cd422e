"""The whole of scim2-tester, a judge that nobody here wrote: discovery, CRUD, PATCH of every attribute, projections."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import CheckResult, Status, check_server

Token = Callable[..., dict[str, str]]


@pytest.fixture
def results(app: Flask, token: Token, prefix: str) -> list[CheckResult]:
    tenant = "other" if prefix else "acme"
    client = WSGISCIMClient(app, base_url=f"http://localhost{prefix}/scim/v2", headers=token("scim", tenant=tenant))
    return check_server(client)


@pytest.mark.parametrize("prefix", ["", "/t/other"])
def test_every_check_of_scim2_tester_passes(results: list[CheckResult]) -> None:
    failed = [f"{one.title} {one.resource_type}: {one.reason}" for one in results if one.status != Status.SUCCESS]
    assert failed == []
    assert len(results) > 100
