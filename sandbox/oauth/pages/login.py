"""The sign-in page."""

from __future__ import annotations

from flask import Response, request, url_for

from sandbox.http.rate_limit import spend
from sandbox.oauth import browser
from sandbox.oauth.authorization_request import waiting
from sandbox.oauth.interaction import SIGNED_IN
from sandbox.oauth.pages.page import go, show
from sandbox.oauth.registered_client import RegisteredClient
from sandbox.oauth.server import server
from sandbox.oauth.sign_in import SignInRefused, sign_in
from sandbox.resources.users import service as users

PURPOSE = "login"


def login() -> Response:
    """Show the form, or sign somebody in and send the browser where it was going."""
    then = same_origin(request.values.get("next"))
    if request.method == "POST":
        return _sign_in(then)
    session = browser.session()
    if session is not None and then is None:
        return show("signed_in.html", person=users.find(session.user_id))
    return _form(then)


def _sign_in(then: str | None) -> Response:
    browser.check_form(PURPOSE)
    spend("sign-in", request.remote_addr or "")
    email = request.form.get("email", "")
    try:
        session, cookie = sign_in(email, request.form.get("password", ""), former=browser.session())
    except SignInRefused as refusal:
        return _form(then, email=email, refused=refusal.reason, status=401)
    browser.take(cookie)
    if then is None:
        return go(url_for("pages.login"))
    if then.startswith(url_for("pages.authorize") + "?"):
        then = f"{then}&{SIGNED_IN}={browser.sign_in_proof(session.id, then)}"
    return go(then)


def _form(then: str | None, *, email: str | None = None, refused: str | None = None, status: int = 200) -> Response:
    asked = waiting(then or "")
    client, redirect_uri = client_of(asked)
    return show(
        "login.html",
        status=status,
        leads_to=redirect_uri,
        purpose=PURPOSE,
        then=then,
        email=asked.get("login_hint", "") if email is None else email,
        refused=refused,
        app_name=client.record.name if client else None,
    )


def same_origin(path: str | None) -> str | None:
    """Let only paths of this tenant through, in no spelling that a browser takes for another host (RFC 9700 §4.11)."""
    if not path or not path.isascii() or not path.isprintable() or "\\" in path or path.startswith("//"):
        return None
    return path if path.startswith(f"{request.script_root}/") else None


def client_of(asked: dict[str, str]) -> tuple[RegisteredClient, str] | tuple[None, None]:
    """Tell which client waits for this sign-in, and where it may lead at once, if the client registered that."""
    client = server.query_client(asked.get("client_id", ""))
    redirect_uri = asked.get("redirect_uri") or (client and client.get_default_redirect_uri()) or ""
    return (client, redirect_uri) if client is not None and client.check_redirect_uri(redirect_uri) else (None, None)
