"""Who must show a second factor at the sign-in, and which one, is what the tenant decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sandbox.access.acr import TWO_FACTORS
from tests.sandbox.oauth.journey import ADMIN, USER, Journey, arrived
from tests.sandbox.oauth.policies.conftest import Decide
from tests.sandbox.oauth.test_step_up import claims_of, enrolled, path, right_code

__all__ = ["enrolled"]

Travel = Callable[[timedelta], None]
FACTOR, CONSENT = "/login/factor", "/consent"


def led_to(go: Journey, who: tuple[str, str], **changes: str | None) -> str:
    """Sign in, ask for authorization, and tell where that leads."""
    go.sign_in(who)
    return path(go.authorize(**{"prompt": "consent", **changes}))


@pytest.mark.storage
@pytest.mark.parametrize(("enforcement", "there"), [("optional", CONSENT), ("admins", FACTOR), ("all", FACTOR)])
@pytest.mark.control("IAM-SaaS-12", call="PATCH /v1/configuration/identity.mfa.enforcement")
def test_administrator_is_asked_for_a_factor(enrolled: Journey, decide: Decide, enforcement: str, there: str) -> None:
    decide("identity.mfa.enforcement", enforcement)
    assert led_to(enrolled, ADMIN) == there


def test_code_leads_on_and_the_token_says_so(enrolled: Journey, decide: Decide) -> None:
    decide("identity.mfa.enforcement", "all")
    enrolled.sign_in(ADMIN)
    page = enrolled.follow(enrolled.authorize(prompt="consent"))
    consent = enrolled.follow(enrolled.follow(enrolled.submit(page, code=right_code())))
    answer = enrolled.redeem(arrived(enrolled.submit(consent, decision="allow"))["code"]).get_json()
    assert claims_of(answer["access_token"])["acr"] == TWO_FACTORS


def test_log_says_that_a_factor_was_asked_for(
    enrolled: Journey, decide: Decide, logged: Callable[..., list[dict[str, Any]]]
) -> None:
    decide("identity.mfa.enforcement", "all")
    led_to(enrolled, ADMIN)
    assert [event["actor"]["email"] for event in logged("auth.mfa.challenged")] == [ADMIN[0]]


def test_wish_for_less_does_not_help(enrolled: Journey, decide: Decide) -> None:
    decide("identity.mfa.enforcement", "all")
    assert led_to(enrolled, ADMIN, acr_values="urn:harbor:acr:password") == FACTOR


def test_silent_request_is_refused_until_the_factor_was_shown(enrolled: Journey, decide: Decide) -> None:
    decide("identity.mfa.enforcement", "all")
    enrolled.sign_in(ADMIN)
    assert arrived(enrolled.authorize(prompt="none"))["error"] == "login_required"


def test_session_of_before_is_asked_too(enrolled: Journey, decide: Decide) -> None:
    enrolled.sign_in(ADMIN)
    decide("identity.mfa.enforcement", "all")
    assert path(enrolled.authorize()) == FACTOR


def test_who_has_no_factor_may_wait_a_few_days(go: Journey, decide: Decide, travel: Travel) -> None:
    decide("identity.mfa.enforcement", "all")
    decide("identity.mfa.enrolment_grace_days", 7)
    travel(timedelta(days=6))
    assert led_to(go, USER) == CONSENT
    travel(timedelta(days=2))
    go.sign_in(USER)
    assert arrived(go.authorize())["error"] == "access_denied"


@pytest.mark.control("IAM-SaaS-12", call="PATCH /v1/configuration/identity.mfa.factors")
def test_factor_that_the_tenant_does_not_take_is_none(enrolled: Journey, decide: Decide) -> None:
    decide("identity.mfa.factors", ["webauthn"])
    assert led_to(enrolled, ADMIN, acr_values=TWO_FACTORS) == CONSENT


@pytest.mark.parametrize("page", ["/account/apps", "/device?user_code=BCDF-GHJK"])
def test_pages_for_people_want_it_as_well(enrolled: Journey, decide: Decide, page: str) -> None:
    decide("identity.mfa.enforcement", "all")
    enrolled.sign_in(ADMIN)
    sent = enrolled.http.get(page)
    assert path(sent) == FACTOR
    after = enrolled.follow(enrolled.submit(enrolled.follow(sent), code=right_code()))
    assert after.status_code in {200, 404}


def test_nobody_is_asked_for_what_is_off(enrolled: Journey, decide: Decide, switched: Callable[..., Journey]) -> None:
    decide("identity.mfa.enforcement", "all")
    assert led_to(switched("step_up"), ADMIN) == CONSENT
