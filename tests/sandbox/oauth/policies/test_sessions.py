"""Sessions last as long as the tenant decided, from the next request on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sandbox.oauth.journey import Journey
from tests.sandbox.oauth.policies.conftest import Decide
from tests.sandbox.oauth.test_sign_in_again import COOKIE, is_signed_in

Travel = Callable[[timedelta], None]
MINUTES = timedelta(minutes=1)


@pytest.mark.storage
@pytest.mark.parametrize(("key", "value"), [("idle_timeout_min", 10), ("absolute_hours", 1)])
@pytest.mark.control("IAM-SaaS-20", call="PATCH /v1/configuration/identity.session.idle_timeout_min")
def test_session_ends_when_the_tenant_shortens_its_life(
    go: Journey, decide: Decide, travel: Travel, key: str, value: int
) -> None:
    """Also one that began before."""
    go.sign_in()
    travel(61 * MINUTES)
    assert is_signed_in(go)
    travel(61 * MINUTES)
    decide(f"identity.session.{key}", value)
    assert not is_signed_in(go)


def test_session_that_is_used_outlives_the_idle_limit(go: Journey, decide: Decide, travel: Travel) -> None:
    decide("identity.session.idle_timeout_min", 10)
    go.sign_in()
    for _ in range(3):
        travel(9 * MINUTES)
        assert is_signed_in(go)


def test_no_session_lives_unused_for_longer_than_the_server_allows(
    go: Journey, decide: Decide, travel: Travel, configured: Callable[..., None]
) -> None:
    configured(session_idle_seconds=300)
    decide("identity.session.idle_timeout_min", 0)
    go.sign_in()
    travel(6 * MINUTES)
    assert not is_signed_in(go)


@pytest.mark.parametrize(("persistent", "seconds"), [(False, None), (True, 12 * 3600)])
def test_browser_keeps_the_cookie_only_where_the_tenant_wants_so(
    go: Journey, decide: Decide, persistent: bool, seconds: int | None
) -> None:
    decide("identity.session.absolute_hours", 12)
    decide("identity.session.persistent_cookie", persistent)
    go.sign_in()
    cookie = go.http.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.max_age == seconds
