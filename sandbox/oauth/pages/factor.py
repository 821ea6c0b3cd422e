"""The page for the second factor: a code from the authenticator app, for requests that want more than a password."""

from __future__ import annotations

import hmac

from flask import Response, request, url_for

from sandbox.http.rate_limit import spend
from sandbox.oauth import browser
from sandbox.oauth.authorization_request import waiting
from sandbox.oauth.interaction import SIGNED_IN
from sandbox.oauth.pages.login import client_of, same_origin
from sandbox.oauth.pages.page import go, show
from sandbox.oauth.second_factor import CodeRefused, has_second_factor, step_up
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users

PURPOSE = "factor"


def factor() -> Response:
    """Ask for a code, or check it and send the browser where it was going."""
    then = same_origin(request.values.get("next"))
    session = browser.session()
    if session is None:
        return go(url_for("pages.login", next=then))
    if not has_second_factor(session.user_id):
        return go(then or url_for("pages.login"))
    return _check(session, then) if request.method == "POST" else _form(session, then)


def _check(session: Session, then: str | None) -> Response:
    browser.check_form(PURPOSE)
    spend("sign-in", request.remote_addr or "")
    try:
        stronger, cookie = step_up(session, request.form.get("code", ""))
    except CodeRefused:
        return _form(session, then, refused=True, status=401)
    browser.take(cookie)
    return go(_carry(then, session, stronger) if then else url_for("pages.login"))


def _carry(then: str, former: Session, stronger: Session) -> str:
    """Carry the proof of a sign-in that was made for this request over to the session that replaces it."""
    address, found, proof = then.rpartition(f"&{SIGNED_IN}=")
    if not found:
        return then
    if not hmac.compare_digest(proof, browser.sign_in_proof(former.id, address)):
        return address
    return f"{address}{found}{browser.sign_in_proof(stronger.id, address)}"


def _form(session: Session, then: str | None, *, refused: bool = False, status: int = 200) -> Response:
    client, redirect_uri = client_of(waiting(then or ""))
    return show(
        "factor.html",
        status=status,
        leads_to=redirect_uri,
        purpose=PURPOSE,
        then=then,
        refused=refused,
        person=users.find(session.user_id),
        app_name=client.record.name if client else None,
        other_account=url_for("pages.login", next=then),
    )
