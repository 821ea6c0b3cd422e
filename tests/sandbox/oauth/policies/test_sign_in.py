"""Who may sign in, from where, and how often they may try, is what the tenant decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.sandbox.oauth.at_once import AT_ONCE, all_at_once
from tests.sandbox.oauth.journey import ADMIN, USER, Journey
from tests.sandbox.oauth.policies.conftest import Decide

Travel = Callable[[timedelta], None]
Logged = Callable[..., list[dict[str, Any]]]
WRONG = (USER[0], "wrong")


def sign_in_from(go: Journey, address: str, who: tuple[str, str] = USER) -> TestResponse:
    """Sign in from an address."""
    page = go.http.get("/login", query_string={"next": "/login"})
    go.http.environ_base["REMOTE_ADDR"] = address
    return go.submit(page, email=who[0], password=who[1])


class TestLockout:
    @pytest.mark.storage
    def test_right_password_is_refused_once_too_many_were_wrong(
        self, go: Journey, decide: Decide, logged: Logged
    ) -> None:
        """In the same words as a wrong one, so that nobody learns that it is right."""
        decide("identity.lockout.threshold", 3)
        wrong = [go.sign_in(WRONG) for _ in range(3)]
        right = go.sign_in()
        assert [answer.status_code for answer in (*wrong, right)] == [401] * 4
        assert "do not match" in right.get_data(as_text=True)
        assert [event["outcome"]["reason"] for event in logged("auth.login.failed")] == [
            *["invalid_credentials"] * 3,
            "account_locked",
        ]

    def test_account_opens_after_the_minutes(self, go: Journey, decide: Decide, travel: Travel) -> None:
        decide("identity.lockout.threshold", 1)
        decide("identity.lockout.minutes", 10)
        go.sign_in(WRONG)
        travel(timedelta(minutes=9))
        assert go.sign_in().status_code == 401
        travel(timedelta(minutes=2))
        assert go.sign_in().status_code == 303

    def test_right_password_begins_the_count_anew(self, go: Journey, decide: Decide) -> None:
        decide("identity.lockout.threshold", 2)
        for _ in range(3):
            assert go.sign_in(WRONG).status_code == 401
            assert go.sign_in().status_code == 303

    def test_nobody_is_locked_out_where_the_tenant_wants_so(self, go: Journey, decide: Decide) -> None:
        decide("identity.lockout.threshold", 0)
        assert {go.sign_in(WRONG).status_code for _ in range(25)} == {401}
        assert go.sign_in().status_code == 303

    @pytest.mark.storage
    def test_no_failure_of_many_at_once_is_lost(self, app: Flask, go: Journey, decide: Decide) -> None:
        """Or else whoever guesses in parallel guesses longer."""
        decide("identity.lockout.threshold", AT_ONCE)
        assert {answer.status_code for answer in all_at_once(app, lambda journey: journey.sign_in(WRONG))} == {401}
        assert go.sign_in().status_code == 401

    @pytest.mark.storage
    def test_many_who_sign_in_at_once_after_a_failure_are_let_in(self, app: Flask, go: Journey) -> None:
        go.sign_in(WRONG)
        assert {answer.status_code for answer in all_at_once(app, lambda journey: journey.sign_in())} == {303}

    def test_others_go_on_signing_in(self, go: Journey, decide: Decide) -> None:
        decide("identity.lockout.threshold", 1)
        go.sign_in(WRONG)
        assert go.sign_in(ADMIN).status_code == 303


class TestNetworks:
    ACME, ELSEWHERE = "203.0.113.7", "198.51.100.9"

    def test_anywhere_will_do_by_default(self, go: Journey) -> None:
        assert sign_in_from(go, self.ELSEWHERE).status_code == 303

    def test_people_sign_in_from_networks_of_the_list_only(self, go: Journey, decide: Decide, logged: Logged) -> None:
        decide("identity.ip_allowlist.users", ["203.0.113.0/24"])
        refused = sign_in_from(go, self.ELSEWHERE)
        assert (refused.status_code, "this network" in refused.get_data(as_text=True)) == (401, True)
        assert logged("auth.login.failed")[-1]["outcome"]["reason"] == "network_not_allowed"
        assert sign_in_from(go, self.ACME).status_code == 303

    def test_administrators_have_a_list_of_their_own(self, go: Journey, decide: Decide) -> None:
        decide("identity.ip_allowlist.admins", ["203.0.113.0/24"])
        assert sign_in_from(go, self.ELSEWHERE, ADMIN).status_code == 401
        assert sign_in_from(go, self.ELSEWHERE).status_code == 303

    def test_wrong_password_is_told_nothing_of_networks(self, go: Journey, decide: Decide) -> None:
        decide("identity.ip_allowlist.users", ["203.0.113.0/24"])
        assert "this network" not in sign_in_from(go, self.ELSEWHERE, WRONG).get_data(as_text=True)

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.17.0.1", "::ffff:10.0.0.5"])
    def test_addresses_nearby_are_let_in_but_not_in_production(
        self, go: Journey, decide: Decide, configured: Callable[..., None], address: str
    ) -> None:
        """The networks of the seeded company are fiction; in production they are not."""
        decide("identity.ip_allowlist.users", ["203.0.113.0/24"])
        assert sign_in_from(go, address).status_code == 303
        configured(production=True)
        assert sign_in_from(go, address).status_code == 401


class TestIdentityProvider:
    def test_passwords_are_refused_where_it_is_enforced(self, go: Journey, decide: Decide, logged: Logged) -> None:
        decide("identity.sso.enabled", True)
        decide("identity.sso.enforced", True)
        refused = go.sign_in()
        assert (refused.status_code, "identity provider" in refused.get_data(as_text=True)) == (401, True)
        assert logged("auth.login.failed")[-1]["outcome"]["reason"] == "sso_required"

    def test_it_is_not_enforced_where_there_is_none(self, go: Journey, decide: Decide) -> None:
        decide("identity.sso.enforced", True)
        assert go.sign_in().status_code == 303

    def test_who_is_exempt_may_use_a_password(self, go: Journey, decide: Decide) -> None:
        for key, value in (("enabled", True), ("enforced", True), ("exempt_users", [ADMIN[0]])):
            decide(f"identity.sso.{key}", value)
        assert (go.sign_in().status_code, go.sign_in(ADMIN).status_code) == (401, 303)
