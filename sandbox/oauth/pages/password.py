"""The page at which a person chooses another password; whoever has one that is too old is sent here on the way."""

from __future__ import annotations

from flask import Response, request, url_for

from sandbox.http.rate_limit import spend
from sandbox.oauth import browser
from sandbox.oauth.pages.login import same_origin
from sandbox.oauth.pages.page import go, show
from sandbox.oauth.pages.visit import Visit, ask_to_sign_in, find_visit
from sandbox.oauth.password_change import PasswordRefused, change_password
from sandbox.oauth.policies import passwords as policy
from sandbox.resources.sessions import service as sessions

PURPOSE = "password"


def password() -> Response:
    """Ask for both passwords, or change and send the browser where it was going."""
    then = same_origin(request.values.get("next"))
    if (visit := find_visit()) is None:
        return ask_to_sign_in(url_for("pages.password", next=then))
    return _change(visit, then) if request.method == "POST" else _form(visit, then)


def _change(visit: Visit, then: str | None) -> Response:
    browser.check_form(PURPOSE)
    spend("sign-in", request.remote_addr or "")
    given = request.form
    try:
        change_password(sessions.find(visit.session_id), given.get("present", ""), given.get("new", ""))
    except PasswordRefused as refusal:
        return _form(visit, then, faults=refusal.faults, status=400)
    return go(then or url_for("pages.password", changed="1"))


def _form(visit: Visit, then: str | None, *, faults: list[str] | None = None, status: int = 200) -> Response:
    return show(
        "password.html",
        status=status,
        purpose=PURPOSE,
        person=visit.person,
        then=then,
        faults=faults,
        changed="changed" in request.args,
        expired=policy.is_expired(visit.person.id),
    )
