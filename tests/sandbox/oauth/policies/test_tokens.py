"""Lifetimes of tokens, rotation and grant types are what the tenant decided; nothing of it is there by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.oauth.journey import CONNECTOR, Journey
from tests.sandbox.oauth.policies.conftest import Decide

Travel = Callable[[timedelta], None]
ITSELF: dict[str, Any] = {"auth": CONNECTOR, "grant_type": "client_credentials"}


@pytest.mark.storage
def test_access_token_lasts_as_long_as_the_tenant_wants(go: Journey, decide: Decide) -> None:
    assert go.token(**ITSELF).get_json()["expires_in"] == 3600
    decide("oauth.access_token_ttl_min", 5)
    assert go.token(**ITSELF).get_json()["expires_in"] == 300


def test_access_token_lasts_no_longer_than_the_server_allows(
    go: Journey, decide: Decide, configured: Callable[..., None]
) -> None:
    decide("oauth.access_token_ttl_min", 1440)
    assert go.token(**ITSELF).get_json()["expires_in"] == 3600
    configured(access_token_seconds=60)
    assert go.token(**ITSELF).get_json()["expires_in"] == 60


def test_refresh_token_works_until_what_was_allowed_is_too_old(go: Journey, decide: Decide, travel: Travel) -> None:
    answer = go.tokens()
    decide("oauth.refresh.max_days", 2)
    travel(timedelta(days=1))
    again = go.refresh(answer["refresh_token"])
    assert again.status_code == 200
    travel(timedelta(days=1, minutes=1))
    late = go.refresh(again.get_json()["refresh_token"])
    assert (late.status_code, late.get_json()["error"]) == (400, "invalid_grant")


def test_what_was_allowed_long_ago_lasts_where_nobody_limits_it(go: Journey, travel: Travel) -> None:
    answer = go.tokens()
    travel(timedelta(days=400))
    assert go.refresh(answer["refresh_token"]).status_code == 200


def test_refresh_token_of_a_confidential_client_stays_where_rotation_is_off(go: Journey, decide: Decide) -> None:
    answer = go.tokens()
    decide("oauth.refresh.rotation", False)
    first, second = (go.refresh(answer["refresh_token"]) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "refresh_token" not in first.get_json()


def test_public_client_rotates_all_the_same(go: Journey, decide: Decide) -> None:
    """RFC 9700 §2.2.2: nothing else tells a thief from the client."""
    decide("oauth.refresh.rotation", False)
    native = {"client_id": "demo-native", "redirect_uri": "http://127.0.0.1/callback"}
    code = go.code(**native)
    answer = go.redeem(code, auth=None, **native).get_json()
    assert "refresh_token" in go.refresh(answer["refresh_token"], auth=None, client_id="demo-native").get_json()


def test_grant_type_that_is_disabled_is_refused_and_not_advertised(go: Journey, decide: Decide) -> None:
    decide("oauth.grants_disabled", ["client_credentials"])
    refused = go.token(**ITSELF)
    document = go.http.get("/.well-known/oauth-authorization-server").get_json()
    assert (refused.status_code, refused.get_json()["error"]) == (400, "unsupported_grant_type")
    assert "client_credentials" not in document["grant_types_supported"]


def test_device_gets_no_code_where_the_tenant_wants_none(go: Journey, decide: Decide) -> None:
    assert go.ask_as_device().status_code == 200
    decide("oauth.grants_disabled", ["urn:ietf:params:oauth:grant-type:device_code"])
    assert go.ask_as_device().get_json()["error"] == "unsupported_grant_type"
