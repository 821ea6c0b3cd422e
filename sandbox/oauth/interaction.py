"""Between an authorization request and its answer: the steps that may need a person, in their order.

Nothing is kept in between: each page carries the request in its address as it came, whole or by reference, and each view
checks it anew.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response, url_for

from sandbox.access.acr import is_at_least
from sandbox.access.permissions import Subject, subject
from sandbox.access.scopes import parse_scope
from sandbox.access.terms import Details
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.oauth import admission, browser
from sandbox.oauth.actor import person_acts
from sandbox.oauth.authorization_request import carried, resolve
from sandbox.oauth.authorization_response import deliver
from sandbox.oauth.errors import ConsentRequired, LoginRequired, UnusableRequestUri
from sandbox.oauth.extensions.expected_person import expected_subject
from sandbox.oauth.extensions.openid import id_token_algorithm
from sandbox.oauth.extensions.par import consume
from sandbox.oauth.extensions.step_up import unmet, wished
from sandbox.oauth.grants.authorization_code import Approval, AuthorizationCodeGrant, offered
from sandbox.oauth.models.authentication import auth_time, find_authentication
from sandbox.oauth.pages.page import go
from sandbox.oauth.policies import passwords
from sandbox.oauth.request import Asked, Parameters
from sandbox.oauth.second_factor import challenge, has_second_factor
from sandbox.oauth.server import server
from sandbox.oauth.tokens import prepare
from sandbox.resources.grants import service as grants
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users

SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A valid authorization request, and who sits at the browser.

    `given` is how it came, and how pages carry it on; what it asks is in the grant's own request.
    """

    grant: AuthorizationCodeGrant
    given: Parameters
    session: Session | None

    @property
    def address(self) -> str:
        """The request as an address of the authorization endpoint, always in the same spelling."""
        return f"{url_for('pages.authorize')}?{_query(self.given, but=SIGNED_IN)}"

    @property
    def parameters(self) -> dict[str, str]:
        """What is asked, wherever it was said."""
        return self.grant.request.payload.data  # type: ignore[no-any-return]

    @property
    def prompts(self) -> frozenset[str]:
        """What the client wants to be asked (OpenID Connect Core §3.1.2.1)."""
        return frozenset(self.parameters.get("prompt", "").split())

    @property
    def person(self) -> Subject:
        """Who is signed in; only after `ask_to_sign_in` had nothing to ask."""
        person = subject(self.session.user_id) if self.session else None
        if person is None:
            raise LoginRequired("Nobody is signed in (OpenID Connect Core section 3.1.2.6).")
        return person

    @property
    def details(self) -> Details:
        """The authorization details that are asked."""
        return self.grant.request.terms.authorization_details  # type: ignore[no-any-return]

    @property
    def scopes(self) -> frozenset[str]:
        """What can be allowed; raises InvalidScopeError if nothing can."""
        return offered(self.grant.request, self.person)


def answer(given: Parameters, then: Callable[[Attempt], Response]) -> Response:
    """Check an authorization request and go on with `then`.

    A refusal goes to the client, once its redirect URI was checked; before that it is raised, to be shown to the person
    (RFC 6749 §4.1.2.1).
    """
    grant, asked = None, Asked(given)
    try:
        asked = resolve(given)
        grant = server.get_consent_grant(asked)
        return then(_attempt(grant, carried(given)))
    except UnusableRequestUri:
        raise
    except OAuth2Error as error:
        redirect_uri = grant.redirect_uri if grant else error.redirect_uri
        if redirect_uri is None:
            raise
        told = {**dict(error.get_body()), "state": asked.parameters.get("state")}
        return deliver(redirect_uri, told, mode=asked.parameters.get("response_mode"))


def review(attempt: Attempt) -> Response:
    """Ask what has to be asked, else answer with a code."""
    return ask_who(attempt) or ask_for_consent(attempt) or allow(attempt)


def ask_who(attempt: Attempt) -> Response | None:
    """Make sure who is there, how strongly they proved it, and that they may let this client in."""
    page = ask_to_sign_in(attempt) or ask_for_demanded_factor(attempt) or ask_for_factor(attempt)
    page = page or ask_for_new_password(attempt)
    if page is None:
        admission.check(attempt.grant.request.client.record, attempt.person, attempt.grant.request.scope)
    return page


def ask_to_sign_in(attempt: Attempt) -> Response | None:
    """Send the browser to the sign-in page unless somebody is signed in, recently enough, who is expected if anybody is."""
    expected = expected_subject(attempt.parameters, attempt.grant.request.client.record.id)
    if attempt.session is not None and _is_recent(attempt, attempt.session):
        if expected in (None, attempt.session.user_id):
            return None
        if _signed_in_for(attempt, attempt.session):
            raise LoginRequired("Somebody else signed in than was expected (OpenID Connect Core section 3.1.2.1).")
    if "none" in attempt.prompts:
        raise LoginRequired("Nobody is signed in, or not recently enough (OpenID Connect Core section 3.1.2.6).")
    return go(url_for("pages.login", next=attempt.address))


def ask_for_demanded_factor(attempt: Attempt) -> Response | None:
    """Send the browser to the page for the second factor if the tenant demands one of this person."""
    if attempt.session is None or not admission.lacks_factor(attempt.session):
        return None
    if "none" in attempt.prompts:
        raise LoginRequired(
            "A second factor is due, and prompt=none forbids asking (OpenID Connect Core section 3.1.2.6)."
        )
    challenge(attempt.session)
    return go(url_for("pages.factor", next=f"{url_for('pages.authorize')}?{_query(attempt.given)}"))


def ask_for_factor(attempt: Attempt) -> Response | None:
    """Send the browser to the page for the second factor if that is wished for, and the person has one.

    Who cannot, or must not be asked, goes on at the level that there is, unless it is a condition (RFC 9470 §5).
    """
    wish, proof = wished(attempt.parameters), find_authentication(attempt.session.id if attempt.session else None)
    reached = proof.acr if proof else None
    able = bool(wish.levels) and has_second_factor(attempt.person.id)
    for level in wish.levels:
        if is_at_least(reached, level):
            return None
        if able and attempt.session is not None and "none" not in attempt.prompts:
            challenge(attempt.session)
            return go(url_for("pages.factor", next=f"{url_for('pages.authorize')}?{_query(attempt.given)}"))
    if wish.is_essential and able:
        raise LoginRequired("A second factor is needed, and prompt=none forbids asking (RFC 9470 section 5).")
    if wish.is_essential:
        raise unmet()
    return None


def ask_for_new_password(attempt: Attempt) -> Response | None:
    """Send the browser to the page for the password if the present one is too old."""
    if not passwords.is_expired(attempt.person.id):
        return None
    if "none" in attempt.prompts:
        raise LoginRequired(
            "The password is old, and prompt=none forbids asking (OpenID Connect Core section 3.1.2.6)."
        )
    return go(url_for("pages.password", next=f"{url_for('pages.authorize')}?{_query(attempt.given)}"))


def ask_for_consent(attempt: Attempt) -> Response | None:
    """Send the browser to the consent page unless the person allowed all of it before; details are asked each time."""
    asked_before = attempt.scopes <= _remembered(attempt) and not attempt.details
    if asked_before and "consent" not in attempt.prompts:
        return None
    if "none" in attempt.prompts:
        raise ConsentRequired("The user has not allowed this yet (OpenID Connect Core section 3.1.2.6).")
    return go(f"{url_for('pages.consent')}?{_query(attempt.given)}")


def allow(attempt: Attempt) -> Response:
    """Answer with a code, for what the person allowed."""
    approval = Approval(attempt.person, attempt.session.id if attempt.session else "")
    grant, parameters = attempt.grant, attempt.parameters
    prepare(id_token_algorithm(grant.request.client.record))
    with transaction():
        if grant.request.asked.pushed:
            consume(grant.request.asked.pushed)
        code = grant.issue_code(approval)
    answer = {"code": code, "state": parameters.get("state")}
    return deliver(grant.redirect_uri, answer, mode=parameters.get("response_mode"))


def _attempt(grant: AuthorizationCodeGrant, given: Parameters) -> Attempt:
    session = browser.session()
    if session is not None:
        person_acts(users.find(session.user_id), session.id)
    return Attempt(grant, given, session)


def _is_recent(attempt: Attempt, session: Session) -> bool:
    """Tell whether the sign-in is as fresh as asked; one that was made for this very request always is."""
    if _signed_in_for(attempt, session):
        return True
    if attempt.prompts & {"login", "select_account"}:
        return False
    client = attempt.grant.request.client.record
    max_age = attempt.parameters.get("max_age", client.options.get("default_max_age"))
    return max_age is None or wall_seconds() - (auth_time(session.id) or 0) <= int(max_age)


def _signed_in_for(attempt: Attempt, session: Session) -> bool:
    proof = browser.sign_in_proof(session.id, attempt.address)
    return hmac.compare_digest(proof.encode(), attempt.given.get(SIGNED_IN, "").encode())


def _remembered(attempt: Attempt) -> frozenset[str]:
    """Tell what was allowed before; nothing for a public client, whose name anybody can use (RFC 8252 §8.6)."""
    client = attempt.grant.request.client
    if client.is_public or client.record.app_id is None:
        return frozenset()
    grant = grants.find_active(attempt.person.id, client.record.app_id)
    return parse_scope(grant.scope) if grant else frozenset()


def _query(given: Parameters, *, but: str = "") -> str:
    return urlencode([(name, value) for name, value in given.items(multi=True) if name != but])
