"""What a person is asked, and when not (OpenID Connect Core §3.1.2, RFC 8252 §8.6, RFC 9700 §4.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from sandbox.foundation.database import db, transaction
from sandbox.oauth.errors import LoginRequired
from sandbox.oauth.interaction import Attempt
from sandbox.oauth.models.authentication import Authentication
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, AUDITOR, CALLBACK, NATIVE, USER, Journey, arrived, form_of


def path(location: str) -> str:
    return urlsplit(location).path


def test_stranger_signs_in_consents_and_arrives(go: Journey) -> None:
    """The whole way as a browser goes it, from page to page."""
    login = go.follow(go.authorize())
    consent = go.follow(go.follow(go.submit(login, email=USER[0], password=USER[1])))
    assert "Demo-Web asks for access" in consent.get_data(as_text=True)
    assert arrived(go.submit(consent, decision="allow")).keys() == {"code", "state", "iss"}


def test_consent_is_asked_once_of_a_confidential_client(go: Journey) -> None:
    """What was allowed before is allowed; more than that is asked again."""
    go.sign_in()
    go.consent()
    assert "code" in arrived(go.authorize())
    assert "code" in arrived(go.authorize(scope="users:read"))
    assert path(go.authorize(scope="openid groups:read").headers["Location"]) == "/consent"


@pytest.mark.requirement("RFC 8252 §8.6", "SHOULD")
def test_consent_is_asked_each_time_of_a_public_client(visitor: Journey) -> None:
    """RFC 8252 §8.6: anybody can use its name."""
    visitor.sign_in()
    visitor.consent(**NATIVE)
    assert path(visitor.authorize(**NATIVE).headers["Location"]) == "/consent"
    assert arrived(visitor.authorize(**NATIVE, prompt="none"))["error"] == "consent_required"


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "MUST")
def test_prompt_none_answers_at_once(go: Journey) -> None:
    """OpenID Connect Core §3.1.2.1: a code, or what would have to be asked."""
    assert arrived(go.authorize(prompt="none"))["error"] == "login_required"
    go.sign_in()
    assert arrived(go.authorize(prompt="none"))["error"] == "consent_required"
    go.consent()
    assert "code" in arrived(go.authorize(prompt="none"))


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "MUST")
@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
def test_fresh_sign_in_is_asked_for_and_then_enough(go: Journey, acme: Acme, changes: dict[str, str]) -> None:
    """OpenID Connect Core §3.1.2.1: `prompt=login` and `max_age` ask again, once, not forever."""
    go.sign_in()
    go.consent()
    with acme(), transaction() as session:
        session.execute(update(Authentication).values(auth_time=Authentication.auth_time - 60))
    login = go.authorize(**changes)
    assert path(login.headers["Location"]) == "/login"
    answer = go.follow(go.submit(go.follow(login), email=USER[0], password=USER[1]))
    assert "code" in arrived(answer)


def test_fresh_sign_in_cannot_be_claimed(go: Journey) -> None:
    """The proof counts for its session and its request only."""
    go.sign_in()
    for claim in ("1", "0" * 64, "ü"):
        assert path(go.authorize(prompt="login", signed_in=claim).headers["Location"]) == "/login"


def test_proof_of_a_sign_in_counts_for_its_request_only(go: Journey) -> None:
    login = go.follow(go.authorize(prompt="login"))
    after = go.submit(login, email=USER[0], password=USER[1]).headers["Location"]
    proof = parse_qs(urlsplit(after).query)["signed_in"][0]
    assert path(go.http.get(after).headers["Location"]) == "/consent"
    assert path(go.authorize(prompt="login", state="other", signed_in=proof).headers["Location"]) == "/login"


def test_recent_sign_in_satisfies_max_age(visitor: Journey) -> None:
    visitor.sign_in()
    assert path(visitor.authorize(max_age="300", prompt="consent").headers["Location"]) == "/consent"


@pytest.mark.requirement("RFC 6749 §4.1.2.1", "MUST")
def test_denial_is_told_to_the_client(visitor: Journey) -> None:
    """RFC 6749 §4.1.2.1."""
    visitor.sign_in()
    told = arrived(visitor.consent(decision="deny"))
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "xyz", "http://localhost")


def test_consent_shows_what_is_given_and_what_is_not(visitor: Journey) -> None:
    """Only what the person's roles allow is offered."""
    visitor.sign_in(AUDITOR)
    page = visitor.follow(visitor.authorize(scope="openid audit:read users:write", prompt="consent"))
    offered, withheld = page.get_data(as_text=True).split("<details>")
    assert "Read the audit log</li>" in offered
    assert "Create and change people" in withheld


def test_consent_marks_what_makes_changes(visitor: Journey) -> None:
    """`scim` as well, whose name does not say so."""
    visitor.sign_in(ADMIN)
    page = visitor.follow(visitor.authorize(scope="openid audit:read users:write scim", prompt="consent"))
    assert page.get_data(as_text=True).count("makes changes") == 2


@pytest.mark.attack(41)
@pytest.mark.requirement("RFC 9700 §4.7", "MUST")
def test_consent_without_a_session_leads_to_the_sign_in(visitor: Journey) -> None:
    """RFC 9700 §4.7: no cookie, no code, not even the page."""
    visitor.sign_in()
    address = visitor.authorize(prompt="consent").headers["Location"]
    visitor.http.delete_cookie("harbor_acme")
    assert path(visitor.http.get(address).headers["Location"]) == "/login"
    assert visitor.http.post(address, data={"decision": "allow"}).status_code == 403


@pytest.mark.attack(41)
@pytest.mark.requirement("RFC 9700 §4.7", "MUST")
def test_consent_of_another_session_is_refused(visitor: Journey, standing_client: Journey) -> None:
    """RFC 9700 §4.7: somebody else's form token is worth nothing."""
    visitor.sign_in(ADMIN)
    standing_client.sign_in()
    address = visitor.authorize(prompt="consent").headers["Location"]
    foreign = form_of(standing_client.http.get(address)).fields
    answer = visitor.http.post(address, data={**foreign, "decision": "allow"})
    assert (answer.status_code, "Location" in answer.headers) == (403, False)


def test_session_that_ended_while_the_page_was_shown_gives_nothing(go: Journey, acme: Acme) -> None:
    """The decision counts for whoever is signed in when it is made."""
    go.sign_in()
    page = go.follow(go.authorize())
    with acme():
        sessions.revoke(db.session.scalars(select(Session)).one(), "seen from elsewhere")
    assert path(go.submit(page, decision="allow").headers["Location"]) == "/login"


def test_nobody_is_nobody(visitor: Journey) -> None:
    """A step that forgot to ask who is signed in is refused, not served."""
    with pytest.raises(LoginRequired):
        _ = Attempt(grant=None, given=MultiDict(), session=None).person


@pytest.mark.parametrize("changes", [{"scope": "openid users:read groups:read"}, {"state": "other"}])
def test_form_token_counts_for_its_request_only(visitor: Journey, changes: dict[str, str]) -> None:
    """What was shown is what is allowed."""
    visitor.sign_in()
    shown = form_of(visitor.follow(visitor.authorize(prompt="consent"))).fields
    other = visitor.authorize(prompt="consent", **changes).headers["Location"]
    assert visitor.http.post(other, data={**shown, "decision": "allow"}).status_code == 403


def test_consent_checks_the_request_again(visitor: Journey) -> None:
    """The address of the page is the person's to change, so nothing in it is believed."""
    visitor.sign_in()
    address = visitor.authorize(prompt="consent").headers["Location"]
    changed = address.replace("8765%2Fcallback", "8765%2Fevil")
    assert changed != address
    assert visitor.http.get(changed).status_code == 400


def test_suspended_person_has_no_session_any_longer(go: Journey, acme: Acme) -> None:
    go.sign_in()
    with acme():
        user = users.find_by_email(USER[0])
        assert user is not None
        users.suspend(user.id)
    assert path(go.authorize().headers["Location"]) == "/login"


def test_consent_is_recorded_with_its_grant(go: Journey, logged: Callable[..., list[dict[str, Any]]]) -> None:
    """The person is the actor, the grant names the app, the session is known."""
    go.sign_in()
    go.consent()
    event = logged("oauth.grant.created")[-1]
    assert (event["actor"]["email"], event["source"]["channel"]) == (USER[0], "ui")
    assert event["session_id"].startswith("ses_")
    assert CALLBACK not in str(event)
