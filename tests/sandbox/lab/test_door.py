"""Who may enter the lab (rulings 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

Seeded = Callable[..., Flask]


def test_open_on_loopback_for_the_default_tenant(seeded: Seeded) -> None:
    assert seeded().test_client().get("/_lab/clock").status_code == 200


def test_closed_beyond_loopback_without_the_key(seeded: Seeded) -> None:
    refused = seeded(bind_host="0.0.0.0", lab_key="k3y").test_client().get("/_lab/truth")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Lab realm="lab"')


def test_key_opens_beyond_loopback(seeded: Seeded) -> None:
    client = seeded(bind_host="0.0.0.0", lab_key="k3y").test_client()
    assert client.get("/_lab/truth", headers={"Authorization": "Lab k3y"}).status_code == 200


@pytest.mark.parametrize("key", ["wrong", "", "k3y k3y"])
def test_wrong_key_is_refused_also_on_loopback(seeded: Seeded, key: str) -> None:
    client = seeded(lab_key="k3y").test_client()
    assert client.get("/_lab/truth", headers={"Authorization": f"Lab {key}"}).status_code == 401


def test_no_key_set_means_no_key_opens(seeded: Seeded) -> None:
    client = seeded(bind_host="0.0.0.0").test_client()
    assert client.get("/_lab/truth", headers={"Authorization": "Lab "}).status_code == 401


def test_page_of_another_site_is_refused(seeded: Seeded) -> None:
    client = seeded().test_client()
    assert client.post("/_lab/reset", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get("/_lab/truth", headers={"Origin": "null"}).status_code == 403


def test_form_body_is_refused(seeded: Seeded) -> None:
    """A form needs no preflight, so a page of another site could send it."""
    assert seeded().test_client().put("/_lab/clock", data={"rate": "0"}).status_code == 415


def test_unknown_host_is_refused(seeded: Seeded) -> None:
    assert seeded().test_client().get("/_lab/truth", headers={"Host": "rebound.example"}).status_code == 421


def test_gone_in_production(seeded: Seeded) -> None:
    assert seeded(production=True).test_client().get("/_lab/truth").status_code == 404
