"""The seeded company's settings are enforced, and whoever tries Harbor out still gets in from where they sit."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.sandbox.oauth.journey import Journey

WEB = {"redirect_uri": "http://127.0.0.1:8765/callback", "prompt": "consent"}


@pytest.mark.parametrize("who", ["admin", "auditor", "user"])
def test_development_identities_sign_in_and_are_asked_for_consent(seeded: Callable[..., Flask], who: str) -> None:
    go = Journey(seeded().test_client())
    assert go.sign_in((f"{who}@acme.example", f"harbor-{who}")).status_code == 303
    assert urlsplit(go.authorize(**WEB).headers["Location"]).path == "/consent"


def test_administrator_does_not_sign_in_from_a_network_of_strangers(seeded: Callable[..., Flask]) -> None:
    go = Journey(seeded().test_client())
    page = go.http.get("/login", query_string={"next": "/login"})
    go.http.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    assert go.submit(page, email="admin@acme.example", password="harbor-admin").status_code == 401


def test_history_of_the_seed_names_events_of_the_log(seeded: Callable[..., Flask]) -> None:
    go = Journey(seeded().test_client())
    scope = "configuration:read audit:read"
    value = go.token(grant_type="client_credentials", scope=scope, auth=("demo-connector", "demo-connector-secret"))
    headers = {"Authorization": f"Bearer {value.get_json()['access_token']}"}
    path = "/v1/configuration/identity.password.min_length/history"
    changes = go.http.get(path, headers=headers).get_json()["data"]
    found = go.http.get("/v1/audit-events?action=config.setting.changed&limit=1000", headers=headers).get_json()["data"]
    assert changes
    assert {change["event_id"] for change in changes} <= {event["id"] for event in found}
