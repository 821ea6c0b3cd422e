"""The page at which a device is allowed in (RFC 8628 §3.3): type its code, see who asks, decide.

Codes are looked up for people who are signed in, and wrong ones are counted by address and by session, so that neither many
accounts nor many addresses help to guess one (§5.1). A link with the code in it (§3.3.1) only fills the code in.
"""

from __future__ import annotations

from flask import Response, request, url_for

from sandbox.access.client import find_client
from sandbox.access.scopes import parse_scope
from sandbox.access.terms import read_terms
from sandbox.http.rate_limit import refuse_if_spent, spend
from sandbox.oauth import browser
from sandbox.oauth.device_decision import Waiting, approve, deny
from sandbox.oauth.models.device_code import find_waiting
from sandbox.oauth.pages.asking import what_is_asked, who_asks
from sandbox.oauth.pages.page import go, show
from sandbox.oauth.pages.visit import Visit, ask_to_sign_in, find_visit
from sandbox.oauth.policies import passwords
from sandbox.oauth.policies.applications import given
from sandbox.oauth.user_code import read_user_code

ENTRY = "device"


def device() -> Response:
    """Ask for a code, show who waits with it, or take the decision."""
    if request.method == "POST" and "decision" not in request.form:
        browser.check_form(ENTRY)
        return go(url_for("pages.device", user_code=read_user_code(request.form.get("user_code", "")) or "?"))
    if (typed := request.args.get("user_code")) is None:
        return show("device_code.html", purpose=ENTRY, done=request.args.get("done"))
    user_code = read_user_code(typed)
    if (visit := find_visit()) is None:
        return ask_to_sign_in(url_for("pages.device", user_code=user_code or "?"))
    if passwords.is_expired(visit.person.id):
        return go(url_for("pages.password", next=url_for("pages.device", user_code=user_code or "?")))
    return _decide(visit, user_code) if request.method == "POST" else _show(visit, user_code)


def _show(visit: Visit, user_code: str | None) -> Response:
    if (waiting := _find(visit, user_code)) is None:
        return show("device_code.html", status=404, purpose=ENTRY, wrong=True)
    asked, terms = parse_scope(waiting.code.scope), read_terms(waiting.code.terms)
    return show(
        "device.html",
        purpose=_purpose(user_code),
        person=visit.person,
        user_code=user_code,
        code=waiting.code,
        other_account=url_for("pages.login", next=url_for("pages.device", user_code=user_code)),
        **who_asks(waiting.client),
        **what_is_asked(asked, given(asked & visit.person.scopes, waiting.client), terms.authorization_details),
    )


def _decide(visit: Visit, user_code: str | None) -> Response:
    browser.check_form(_purpose(user_code))
    if (waiting := _find(visit, user_code)) is None:
        return show("device_code.html", status=404, purpose=ENTRY, wrong=True)
    allows = request.form.get("decision") == "allow"
    decided = approve(waiting, visit.person, visit.session_id) if allows else deny(waiting)
    if not decided:
        return show("device_code.html", status=404, purpose=ENTRY, wrong=True)
    return go(url_for("pages.device", done="allowed" if allows else "denied"))


def _find(visit: Visit, user_code: str | None) -> Waiting | None:
    """Look a code up; only wrong ones are counted, so that nobody is held up who types what a device shows."""
    guessers = (("address", request.remote_addr or ""), ("session", visit.session_id))
    for guesser in guessers:
        refuse_if_spent("user-code", *guesser)
    code = find_waiting(user_code) if user_code else None
    client = find_client(code.client_id) if code else None
    if code is None or client is None or not client.is_enabled:
        for guesser in guessers:
            spend("user-code", *guesser)
        return None
    return Waiting(code, client)


def _purpose(user_code: str | None) -> str:
    """Bind the form to the code that was shown, so that a decision counts for no other device."""
    return f"device {user_code}"
