"""What a new password must be, and when the present one is too old, is what the tenant decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sandbox.oauth import password_change, passwords
from sandbox.resources.users import credentials
from sandbox.resources.users import service as users
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import USER, Journey, arrived
from tests.sandbox.oauth.policies.conftest import Decide
from tests.sandbox.oauth.test_sign_in_again import is_signed_in
from tests.sandbox.oauth.test_step_up import path

Travel = Callable[[timedelta], None]
Logged = Callable[..., list[dict[str, Any]]]
GOOD = "nine lazy otters"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What scrypt costs is a matter of `test_passwords` of the folder above."""
    monkeypatch.setattr(password_change, "hash_password", lambda new: passwords.hash_password(new, log2_n=4))


def change(go: Journey, new: str, *, present: str = USER[1]) -> TestResponse:
    """Change the password of the user, who is signed in."""
    return go.submit(go.http.get("/account/password"), present=present, new=new)


@pytest.fixture
def signed_in(go: Journey, identities: None) -> Iterator[Journey]:
    go.sign_in()
    return go


@pytest.mark.storage
def test_new_password_counts_and_the_former_does_not(
    signed_in: Journey, another: Journey, decide: Decide, logged: Logged
) -> None:
    assert change(signed_in, GOOD).status_code == 303
    assert (another.sign_in().status_code, another.sign_in((USER[0], GOOD)).status_code) == (401, 303)
    (event,) = logged("password.changed")
    assert (event["actor"]["email"], event["targets"][0]["id"]) == (USER[0], event["actor"]["id"])


def test_other_sessions_end(signed_in: Journey, another: Journey) -> None:
    another.sign_in()
    change(signed_in, GOOD)
    assert (is_signed_in(signed_in), is_signed_in(another)) == (True, False)


def test_present_password_must_be_right(signed_in: Journey, another: Journey) -> None:
    refused = change(signed_in, GOOD, present="wrong")
    assert (refused.status_code, "not right" in refused.get_data(as_text=True)) == (400, True)
    assert another.sign_in().status_code == 303


def test_wrong_ones_lock_the_account_here_too(signed_in: Journey, decide: Decide) -> None:
    decide("identity.lockout.threshold", 2)
    for _ in range(2):
        change(signed_in, GOOD, present="wrong")
    assert change(signed_in, GOOD).status_code == 400


@pytest.mark.parametrize(
    ("least", "new", "changed"), [(8, "7 chars", False), (8, "8 chars!", True), (14, "8 chars!", False)]
)
@pytest.mark.control("IAM-SaaS-11", call="PATCH /v1/configuration/identity.password.min_length")
def test_short_password_is_refused(signed_in: Journey, decide: Decide, least: int, new: str, changed: bool) -> None:
    decide("identity.password.min_length", least)
    assert change(signed_in, new).status_code == (303 if changed else 400)


@pytest.mark.parametrize(("checked", "status"), [(True, 400), (False, 303)])
def test_password_of_a_breach_is_refused(signed_in: Journey, decide: Decide, checked: bool, status: int) -> None:
    decide("identity.password.breached_check", checked)
    assert change(signed_in, "Password123").status_code == status


@pytest.mark.control("IAM-SaaS-11", call="PATCH /v1/configuration/identity.password.history")
def test_former_passwords_may_not_come_back(signed_in: Journey, decide: Decide) -> None:
    decide("identity.password.history", 2)
    assert change(signed_in, USER[1]).status_code == 400
    present = USER[1]
    for new in ("first otter", "second otter", "third otter"):
        assert change(signed_in, new, present=present).status_code == 303
        present = new
    assert change(signed_in, "second otter", present=present).status_code == 400
    assert change(signed_in, "first otter", present=present).status_code == 303


def test_nobody_remembers_passwords_by_default(signed_in: Journey) -> None:
    assert change(signed_in, "harbor-user").status_code == 303


@pytest.mark.control("IAM-SaaS-11", call="PATCH /v1/configuration/identity.password.max_age_days")
def test_old_password_must_be_changed_on_the_way(go: Journey, decide: Decide, travel: Travel) -> None:
    decide("identity.password.max_age_days", 30)
    go.sign_in()
    assert path(go.authorize(prompt="consent")) == "/consent"  # Nobody knows how old it is.
    change(go, GOOD)
    travel(timedelta(days=31))
    go.sign_in((USER[0], GOOD))
    sent = go.authorize(prompt="consent")
    assert path(sent) == "/account/password"
    changed = go.submit(go.follow(sent), present=GOOD, new="ten lazy otters")
    consent = go.follow(go.follow(changed))
    assert "code" in arrived(go.submit(consent, decision="allow"))


def test_stranger_is_sent_to_sign_in(go: Journey) -> None:
    assert path(go.http.get("/account/password")) == "/login"


def test_form_of_elsewhere_changes_nothing(signed_in: Journey, another: Journey) -> None:
    forged = signed_in.http.post("/account/password", data={"present": USER[1], "new": GOOD})
    assert forged.status_code == 403
    assert another.sign_in().status_code == 303


def test_password_that_was_voided_must_be_changed_on_the_way_and_to_another_one(go: Journey, acme: Acme) -> None:
    """A response action counts like an age: at the authorization endpoint, and for devices."""
    with acme():
        user_id = users.find_by_email(USER[0]).id  # type: ignore[union-attr]
        credentials.require_password_change(user_id)
    device = go.ask_as_device().get_json()["user_code"]
    go.sign_in()
    sent = go.authorize(prompt="consent")
    assert path(sent) == path(go.http.get("/device", query_string={"user_code": device})) == "/account/password"
    assert go.submit(go.follow(sent), present=USER[1], new=USER[1]).status_code == 400
    changed = go.submit(go.follow(sent), present=USER[1], new=GOOD)
    assert "code" in arrived(go.submit(go.follow(go.follow(changed)), decision="allow"))
    with acme():
        assert users.find(user_id).must_change_password is False
